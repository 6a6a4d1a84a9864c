// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/tokentext.h"

#include "core/base/random.h"

#include <QDateTime>

namespace tollgate::admin {
namespace {

secrets::SecretStore *placeOf(const Desk &desk, store::KeySource source)
{
    if (source == store::KeySource::Keychain)
        return desk.rooms.keychain;
    return source == store::KeySource::Vault ? desk.rooms.vault : nullptr;
}

} // namespace

store::KeySource readKeeping(Fields &fields)
{
    const bool recoverable = fields.boolean("recoverable").value_or(false);
    const auto where = fields.text("key_store", 16);
    if (where && *where != u"keychain" && *where != u"vault")
        fields.refuse("key_store", QStringLiteral("is keychain or vault"));
    if (!recoverable)
        return store::KeySource::None;
    return where == u"vault" ? store::KeySource::Vault : store::KeySource::Keychain;
}

OneShot<Result<void>> keepTokenText(Desk &desk, store::TokenRow &row, const QByteArray &text)
{
    OneShot<Result<void>> kept;
    row.reference.clear();
    if (row.keptIn == store::KeySource::None) {
        kept.set({});
        return kept;
    }
    secrets::SecretStore *const place = placeOf(desk, row.keptIn);
    if (!place) {
        kept.set(failure(ErrorKind::Unavailable,
                         QStringLiteral("There is no place where this token could be kept.")));
        return kept;
    }
    row.reference = randomId("token_");
    place->write(row.reference, Secret(text), [kept](Result<void> result) {
        if (!result) {
            result.error().message += QStringLiteral(" A token that is shown only once needs no "
                                                     "such place.");
        }
        kept.set(std::move(result));
    });
    return kept;
}

void forgetTokenText(Desk &desk, const store::TokenRow &row)
{
    if (secrets::SecretStore *const place = placeOf(desk, row.keptIn);
        place && !row.reference.isEmpty())
        place->remove(row.reference, [](const Result<void> &) {});
}

OneShot<secrets::Lookup> findTokenText(Desk &desk, const store::TokenRow &row)
{
    OneShot<secrets::Lookup> found;
    if (secrets::SecretStore *const place = placeOf(desk, row.keptIn)) {
        place->read(row.reference,
                    [found](secrets::Lookup lookup) { found.set(std::move(lookup)); });
    } else {
        secrets::Lookup none;
        none.detail = QStringLiteral("This token was shown once, when it was made; rotate it for "
                                     "a new one.");
        found.set(std::move(none));
    }
    return found;
}

std::int64_t startOfDay(std::int64_t nowUs)
{
    return QDateTime::fromMSecsSinceEpoch(nowUs / 1'000).date().startOfDay().toMSecsSinceEpoch()
        * 1'000;
}

} // namespace tollgate::admin
