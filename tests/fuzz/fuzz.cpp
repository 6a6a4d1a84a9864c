// SPDX-License-Identifier: GPL-3.0-or-later
// libFuzzer's door to one target, which the build names.
#include "tests/fuzz/mutations.h"
#include "tests/fuzz/targets.h"

// The names and types are libFuzzer's own.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const tollgate::fuzz::Target *const target
        = tollgate::fuzz::targetNamed(TOLLGATE_FUZZ_TARGET);
    target->run(QByteArrayView(data, qsizetype(size)));
    return 0;
}

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t *data, std::size_t size, std::size_t most);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t *data, std::size_t size,
                                               std::size_t most, unsigned int seed)
{
    // Bytes turned at random seldom leave JSON intact: half the time its values are changed
    // instead.
    if (seed % 2 == 0) {
        const QByteArray changed = tollgate::fuzz::mutated(QByteArrayView(data, qsizetype(size)),
                                                           std::uint32_t(seed / 2));
        if (!changed.isEmpty() && std::size_t(changed.size()) <= most) {
            std::copy(changed.begin(), changed.end(), data);
            return std::size_t(changed.size());
        }
    }
    return LLVMFuzzerMutate(data, size, most);
}
