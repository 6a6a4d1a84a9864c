// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/keyfields.h"

#include "core/base/random.h"
#include "providers/baseurl.h"

#include <QJsonDocument>

namespace tollgate::admin {
namespace {

constexpr qsizetype kLongestKey = 16'384;

bool isVariableName(const QString &name)
{
    if (name.isEmpty() || name.size() > 128 || (name.at(0) >= u'0' && name.at(0) <= u'9'))
        return false;
    for (const QChar c : name) {
        const bool plain = (c >= u'A' && c <= u'Z') || (c >= u'a' && c <= u'z')
            || (c >= u'0' && c <= u'9') || c == u'_';
        if (!plain)
            return false;
    }
    return true;
}

secrets::SecretStore *storeFor(const Desk &desk, store::KeySource source)
{
    switch (source) {
    case store::KeySource::Keychain:
        return desk.rooms.keychain;
    case store::KeySource::Vault:
        return desk.rooms.vault;
    case store::KeySource::Environment:
        return desk.rooms.environment;
    case store::KeySource::None:
        break;
    }
    return nullptr;
}

Result<void> refineWriteError(const GivenKey &key, Error error)
{
    if (key.source == store::KeySource::Keychain) {
        error.message
            += QStringLiteral(" Without a keychain, keep the key in the encrypted vault "
                              "(--key-vault) or name an environment variable (--key-env).");
    }
    return failure(std::move(error));
}

// A credentials file is JSON over several lines.
QByteArray inOneLine(const QByteArray &key)
{
    if (!key.startsWith('{'))
        return key;
    const QJsonDocument file = QJsonDocument::fromJson(key);
    return file.isObject() ? file.toJson(QJsonDocument::Compact) : key;
}

} // namespace

GivenKey readKey(Fields &fields)
{
    GivenKey given;
    const auto text = fields.lines("key", kLongestKey);
    const auto where = fields.text("key_store", 16);
    const auto variable = fields.text("key_env", 256);
    if (text && variable) {
        fields.refuse("key", QStringLiteral("cannot be given together with key_env"));
        return given;
    }
    if (variable) {
        if (!isVariableName(*variable))
            fields.refuse("key_env", QStringLiteral("is not the name of an environment variable"));
        given.source = store::KeySource::Environment;
        given.variable = variable->toUtf8();
    } else if (text) {
        const QByteArray key = inOneLine(text->trimmed().toUtf8());
        if (key.isEmpty())
            fields.refuse("key", QStringLiteral("is empty"));
        if (!isHeaderValue(key))
            fields.refuse("key", QStringLiteral("contains what cannot be sent in a header"));
        if (where && *where != u"keychain" && *where != u"vault")
            fields.refuse("key_store", QStringLiteral("is keychain or vault"));
        given.source = where == u"vault" ? store::KeySource::Vault : store::KeySource::Keychain;
        given.secret = std::make_shared<Secret>(key);
    }
    return given;
}

store::ChannelKeyRow keyRow(const GivenKey &key, const QByteArray &baseUrl)
{
    store::ChannelKeyRow row;
    row.source = key.source;
    row.boundTo = providers::originOf(baseUrl);
    if (key.source == store::KeySource::Environment) {
        row.reference = key.variable;
        row.hint = '$' + key.variable;
    } else if (key.secret) {
        row.reference = randomId("key_");
        row.hint = key.secret->masked();
    }
    return row;
}

store::ChannelKeyRow noKey(const QByteArray &baseUrl)
{
    store::ChannelKeyRow row;
    row.source = store::KeySource::None;
    row.boundTo = providers::originOf(baseUrl);
    return row;
}

OneShot<Result<void>> storeKey(Desk &desk, const store::ChannelKeyRow &row, const GivenKey &key)
{
    OneShot<Result<void>> stored;
    secrets::SecretStore *const where = storeFor(desk, row.source);
    if (row.source == store::KeySource::Environment || row.source == store::KeySource::None) {
        stored.set({});
    } else if (!where || !key.secret) {
        stored.set(failure(ErrorKind::Unavailable,
                           QStringLiteral("There is no place for this key here.")));
    } else {
        where->write(row.reference, Secret(key.secret->reveal()),
                     [stored, key](Result<void> result) {
                         stored.set(result ? result : refineWriteError(key, result.error()));
                     });
    }
    return stored;
}

void forgetKeys(Desk &desk, const std::vector<store::ChannelKeyRow> &rows)
{
    for (const store::ChannelKeyRow &row : rows) {
        if (row.source != store::KeySource::Keychain && row.source != store::KeySource::Vault)
            continue;
        if (secrets::SecretStore *const where = storeFor(desk, row.source))
            where->remove(row.reference, [](const Result<void> &) {});
    }
}

OneShot<secrets::Lookup> lookUpKey(Desk &desk, const store::ChannelKeyRow &row)
{
    OneShot<secrets::Lookup> found;
    if (secrets::SecretStore *const where = storeFor(desk, row.source)) {
        where->read(row.reference,
                    [found](secrets::Lookup lookup) { found.set(std::move(lookup)); });
    } else {
        secrets::Lookup none;
        none.state = secrets::KeyState::Unavailable;
        none.detail = QStringLiteral("There is no place to read this key from.");
        found.set(std::move(none));
    }
    return found;
}

QString keyStateName(secrets::KeyState state)
{
    switch (state) {
    case secrets::KeyState::Present:
        return QStringLiteral("present");
    case secrets::KeyState::Absent:
        return QStringLiteral("absent");
    case secrets::KeyState::Locked:
        return QStringLiteral("locked");
    case secrets::KeyState::Denied:
        return QStringLiteral("denied");
    case secrets::KeyState::Unavailable:
        break;
    }
    return QStringLiteral("unavailable");
}

QString keyStateName(const Desk &desk, const store::ChannelKeyRow &row)
{
    if (row.source == store::KeySource::None)
        return QStringLiteral("none");
    if (!desk.rooms.keys)
        return QStringLiteral("unknown");
    const secrets::KeyRing::Held held = desk.rooms.keys->get(row.id);
    return held.loading ? QStringLiteral("loading") : keyStateName(held.state);
}

} // namespace tollgate::admin
