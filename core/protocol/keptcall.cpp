// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/keptcall.h"

#include "core/base/jsonwriter.h"
#include "core/protocol/jsonreader.h"

#include <QString>

#include <algorithm>

namespace tollgate::protocol {
namespace {

using Act = KeptCall::Act;
using Thing = KeptCall::Thing;

constexpr qsizetype kLongestId = 256;

// What stands in a URL as it is.
bool isId(QByteArrayView text)
{
    return !text.isEmpty() && text.size() <= kLongestId
        && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                   || c == '-' || c == '_';
           });
}

struct Shape
{
    QByteArrayView prefix;
    Thing thing;
    Dialect dialect;
};

constexpr Shape kShapes[]{
    {"messages/batches", Thing::Batch, Dialect::Messages},
    {"batches", Thing::Batch, Dialect::Chat},
    {"files", Thing::File, Dialect::Chat},
};

Result<KeptCall> with(KeptCall call, QByteArrayView method,
                      std::initializer_list<std::pair<QByteArrayView, Act>> acts)
{
    QByteArray allow;
    for (const auto &[name, act] : acts) {
        if (method == name) {
            call.act = act;
            return call;
        }
        allow += (allow.isEmpty() ? "" : ", ") + name.toByteArray();
    }
    Error error;
    error.kind = ErrorKind::MethodNotAllowed;
    error.message = QStringLiteral("This path answers %1 only.").arg(QString::fromLatin1(allow));
    error.allow = allow;
    return failure(std::move(error));
}

std::optional<Result<KeptCall>> callOf(const Shape &shape, QByteArrayView method,
                                       QByteArrayView rest)
{
    KeptCall call;
    call.thing = shape.thing;
    call.dialect = shape.dialect;
    if (rest.isEmpty())
        return with(call, method, {{"GET", Act::List}, {"POST", Act::Create}});
    const qsizetype slash = rest.indexOf('/');
    const QByteArrayView id = slash < 0 ? rest : rest.first(slash);
    const QByteArrayView tail = slash < 0 ? QByteArrayView() : rest.sliced(slash + 1);
    if (!isId(id))
        return std::nullopt;
    call.id = id.toByteArray();
    const bool anthropicBatch = shape.thing == Thing::Batch && shape.dialect == Dialect::Messages;
    if (slash < 0) {
        if (shape.thing == Thing::Batch && !anthropicBatch)
            return with(call, method, {{"GET", Act::Show}});
        return with(call, method, {{"GET", Act::Show}, {"DELETE", Act::Delete}});
    }
    if (shape.thing == Thing::Batch && tail == QByteArrayView("cancel"))
        return with(call, method, {{"POST", Act::Cancel}});
    if (tail == QByteArrayView(anthropicBatch ? "results" : "content")
        && (anthropicBatch || shape.thing == Thing::File))
        return with(call, method, {{"GET", Act::Content}});
    return std::nullopt;
}

tl::unexpected<Error> noModel(const QString &where)
{
    Error error{ErrorKind::InvalidRequest,
                QStringLiteral("%1 is not a request that names its model.").arg(where)};
    error.code = "invalid_batch";
    error.param = "model";
    return failure(std::move(error));
}

// The model of the object at hand, its members at `inner` if that is set.
std::optional<BatchModel> modelOf(JsonReader &reader, qsizetype offset, const char *inner)
{
    std::optional<BatchModel> found;
    bool twice = false;
    const auto members = [&] {
        reader.object([&](const JsonText &key) {
            if (!key.is("model"))
                return;
            const qsizetype from = reader.position();
            JsonText text;
            if (!reader.string(text))
                return;
            twice = twice || found.has_value();
            found = BatchModel{text.decoded(), {offset + from, reader.position() - from}};
        });
    };
    bool innerTwice = false;
    bool innerSeen = false;
    reader.object([&](const JsonText &key) {
        if (key != QByteArrayView(inner))
            return;
        innerTwice = innerSeen;
        innerSeen = true;
        members();
    });
    if (reader.failed() || twice || innerTwice)
        return std::nullopt;
    return found;
}

} // namespace

std::optional<Result<KeptCall>> keptCall(QByteArrayView method, QByteArrayView path)
{
    const QByteArrayView verb = method == QByteArrayView("HEAD") ? QByteArrayView("GET") : method;
    for (const Shape &shape : kShapes) {
        if (!path.startsWith(shape.prefix))
            continue;
        const QByteArrayView rest = path.sliced(shape.prefix.size());
        if (rest.isEmpty())
            return callOf(shape, verb, rest);
        if (rest.startsWith('/') && rest.size() > 1)
            return callOf(shape, verb, rest.sliced(1));
    }
    return std::nullopt;
}

Result<std::vector<BatchModel>> batchModels(QByteArrayView body)
{
    if (auto valid = validateJson(body); !valid)
        return failure(valid.error());
    std::vector<BatchModel> models;
    bool good = true;
    int lists = 0;
    JsonReader reader(body);
    reader.object([&](const JsonText &key) {
        if (!key.is("requests"))
            return;
        ++lists;
        reader.array([&] {
            // A reader of its own, so that what is wrong with one does not end the others.
            const qsizetype from = reader.position();
            reader.skip();
            JsonReader one(body.sliced(from, reader.position() - from));
            auto model = modelOf(one, from, "params");
            good = good && model;
            if (model)
                models.push_back(std::move(*model));
        });
    });
    if (!good || lists != 1 || models.empty())
        return noModel(QStringLiteral("One of the batch's requests"));
    return models;
}

Result<std::vector<BatchModel>> lineModels(QByteArrayView body, Span file)
{
    std::vector<BatchModel> models;
    const QByteArrayView lines = body.sliced(file.at, file.length);
    int number = 0;
    for (qsizetype at = 0; at < lines.size();) {
        const qsizetype feed = lines.indexOf('\n', at);
        const qsizetype end = feed < 0 ? lines.size() : feed;
        const QByteArrayView line = lines.sliced(at, end - at);
        ++number;
        if (!line.trimmed().isEmpty()) {
            const auto valid = validateJson(line.trimmed());
            const qsizetype skipped = line.indexOf('{');
            if (!valid || skipped < 0)
                return noModel(QStringLiteral("Line %1 of the file").arg(number));
            JsonReader reader(line.sliced(skipped));
            auto model = modelOf(reader, file.at + at + skipped, "body");
            if (!model)
                return noModel(QStringLiteral("Line %1 of the file").arg(number));
            models.push_back(std::move(*model));
        }
        at = end + 1;
    }
    if (models.empty())
        return noModel(QStringLiteral("The file"));
    return models;
}

QByteArray renameModels(const QByteArray &body, const std::vector<BatchModel> &models,
                        const std::function<QByteArray(const QByteArray &)> &named)
{
    QByteArray out;
    qsizetype from = 0;
    for (const BatchModel &model : models) {
        const QByteArray name = named(model.name);
        if (name == model.name)
            continue;
        out += QByteArrayView(body).sliced(from, model.value.at - from);
        appendJsonString(out, name);
        from = model.value.at + model.value.length;
    }
    if (from == 0)
        return body;
    return out + QByteArrayView(body).sliced(from).toByteArray();
}

} // namespace tollgate::protocol
