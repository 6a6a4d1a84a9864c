// SPDX-License-Identifier: GPL-3.0-or-later
// What a request and its answer say of units that are no tokens: pictures, seconds of sound,
// letters read aloud, searches. Pure.
#pragma once

#include "core/base/unitcounts.h"
#include "core/protocol/endpoint.h"
#include "core/protocol/peek.h"

#include <optional>

namespace tollgate::protocol {

// Whether this operation is counted in such units.
[[nodiscard]] bool countsUnits(Operation operation);

// Read from a request that was peeked at already.
struct UnitsAsked
{
    QByteArray imageClass; // as UnitCounts spells it
    std::int64_t characters = 0;
    double speed = 1; // of the voice
    QByteArray speechFormat;
    std::int64_t documents = 0; // to be ranked
    std::int64_t chunks = 0; // that long ones may be cut into, at most
    qsizetype soundBytes = 0;
    std::optional<std::int64_t> soundMs; // as the file itself says
};
[[nodiscard]] UnitsAsked readUnitsAsked(const Endpoint &endpoint, QByteArrayView contentType,
                                        QByteArrayView body);

// More than this the request cannot use.
[[nodiscard]] UnitCounts mostUnits(Operation operation, const Peek &peek, const UnitsAsked &asked);

// What an answer tells, whole or one event of a stream: pictures made, seconds heard, searches.
[[nodiscard]] UnitCounts readUnitsTold(Operation operation, QByteArrayView json);

struct UnitsUsed
{
    UnitCounts counts;
    bool estimated = false;
};
// `told` is believed; what no answer tells follows from the request, or is estimated.
// `answerBytes`: of sound.
[[nodiscard]] UnitsUsed usedUnits(Operation operation, const UnitsAsked &asked,
                                  const UnitCounts &told, qsizetype answerBytes);

} // namespace tollgate::protocol
