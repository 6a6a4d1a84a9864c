// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/keptanswers.h"

#include "core/base/jsonwriter.h"
#include "core/protocol/jsonreader.h"
#include "core/protocol/jsontree.h"
#include "core/protocol/usage.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tollgate::relay {
namespace {

using protocol::Dialect;
using protocol::JsonReader;
using protocol::JsonText;
using protocol::JsonTree;
using protocol::KeptCall;

constexpr qsizetype kLongestLine = 16 * 1024 * 1024;
constexpr qsizetype kLongestName = 256;

void add(TokenCounts &sum, const TokenCounts &more)
{
    constexpr std::array kMembers{&TokenCounts::input,        &TokenCounts::cacheRead,
                                  &TokenCounts::cacheWrite5m, &TokenCounts::cacheWrite1h,
                                  &TokenCounts::output,       &TokenCounts::reasoning,
                                  &TokenCounts::audioInput,   &TokenCounts::audioOutput,
                                  &TokenCounts::imageInput,   &TokenCounts::imageOutput};
    for (const auto member : kMembers)
        sum.*member = std::min(sum.*member + more.*member, protocol::kMostTokens);
}

TokenCounts countsOf(QByteArrayView usage, Dialect dialect)
{
    protocol::UsageFigures figures;
    JsonReader reader(usage);
    figures.read(reader, dialect);
    return figures.counts(dialect);
}

} // namespace

QByteArray nameOf(QByteArrayView shown)
{
    const auto tree = JsonTree::parse(shown);
    const QByteArray name = tree ? tree->root()["id"].string() : QByteArray();
    return name.size() <= kLongestName ? name : QByteArray();
}

bool isFinal(KeptCall::Thing thing, Dialect dialect, QByteArrayView shown)
{
    if (thing == KeptCall::Thing::File)
        return true;
    const auto tree = JsonTree::parse(shown);
    if (!tree)
        return false;
    if (dialect == Dialect::Messages)
        return tree->root()["processing_status"].is("ended");
    const QByteArray status = tree->root()["status"].string();
    return status == "completed" || status == "failed" || status == "expired"
        || status == "cancelled";
}

QByteArrayList filesOf(QByteArrayView batch)
{
    QByteArrayList files;
    const auto tree = JsonTree::parse(batch);
    if (!tree)
        return files;
    for (const char *member : {"output_file_id", "error_file_id"}) {
        const QByteArray name = tree->root()[member].string();
        if (!name.isEmpty() && name.size() <= kLongestName)
            files << name;
    }
    return files;
}

std::optional<BatchUse> useOf(QByteArrayView batch)
{
    const auto tree = JsonTree::parse(batch);
    if (!tree || !tree->root()["usage"].isObject())
        return std::nullopt;
    return BatchUse{tree->root()["model"].string(),
                    countsOf(tree->root()["usage"].raw(), Dialect::Responses)};
}

void ResultTally::see(QByteArrayView bytes)
{
    while (!bytes.isEmpty() && !m_unread) {
        const qsizetype feed = bytes.indexOf('\n');
        const QByteArrayView piece = feed < 0 ? bytes : bytes.first(feed);
        if (m_rest.size() + piece.size() > kLongestLine) {
            m_unread = true;
            m_rest.clear();
            return;
        }
        if (feed < 0) {
            m_rest.append(piece);
            return;
        }
        if (m_rest.isEmpty()) {
            line(piece);
        } else {
            m_rest.append(piece);
            line(std::exchange(m_rest, {}));
        }
        bytes = bytes.sliced(feed + 1);
    }
}

void ResultTally::line(QByteArrayView text)
{
    if (text.trimmed().isEmpty())
        return;
    const auto tree = JsonTree::parse(text);
    const protocol::JsonValue result = tree ? tree->root()["result"] : protocol::JsonValue();
    if (!result.isObject()) {
        m_unread = true;
        return;
    }
    // Requests that failed, expired or were cancelled cost nothing.
    const protocol::JsonValue message = result["message"];
    if (!message.isObject())
        return;
    if (!message["usage"].isObject())
        m_unread = true;
    else
        add(m_used[message["model"].string()], countsOf(message["usage"].raw(), Dialect::Messages));
}

std::optional<std::vector<BatchUse>> ResultTally::conclude()
{
    if (!m_unread)
        line(std::exchange(m_rest, {}));
    if (m_unread)
        return std::nullopt;
    std::vector<BatchUse> uses;
    for (const auto &[model, usage] : m_used)
        uses.push_back({model, usage});
    return uses;
}

QByteArray withOwnResults(const QByteArray &batch, const QByteArray &origin)
{
    QByteArray name;
    protocol::Span place;
    JsonReader reader(batch);
    reader.object([&](const JsonText &key) {
        JsonText text;
        const qsizetype from = reader.position();
        if (key.is("id") && reader.string(text))
            name = text.decoded();
        else if (key.is("results_url") && reader.string(text))
            place = {from, reader.position() - from};
    });
    if (reader.failed() || place.length == 0 || name.isEmpty())
        return batch;
    QByteArray own;
    appendJsonString(own, origin + "/v1/messages/batches/" + name + "/results");
    QByteArray out = batch;
    return out.replace(place.at, place.length, own);
}

QByteArray queryValue(QByteArrayView query, QByteArrayView name)
{
    for (const QByteArray &pair : query.toByteArray().split('&')) {
        if (pair.size() > name.size() && pair.startsWith(name) && pair.at(name.size()) == '=')
            return QByteArray::fromPercentEncoding(pair.mid(name.size() + 1));
    }
    return {};
}

Result<store::ThingQuery> pageAsked(const KeptCall &call, QByteArrayView query)
{
    const auto wrong = [](const char *name, const QString &what) {
        Error error{ErrorKind::InvalidRequest,
                    QStringLiteral("\u201c%1\u201d must be %2.").arg(QLatin1String(name), what)};
        error.param = name;
        return failure(std::move(error));
    };
    const bool anthropic = call.dialect == Dialect::Messages;
    const bool files = call.thing == KeptCall::Thing::File;
    store::ThingQuery page;
    page.kind = files ? store::ThingKind::File : store::ThingKind::Batch;
    page.dialect = protocol::dialectName(call.dialect);
    const int most = anthropic ? 1'000 : files ? 10'000 : 100;
    page.limit = !anthropic && files ? most : 20;
    if (const QByteArray limit = queryValue(query, "limit"); !limit.isEmpty()) {
        bool number = false;
        page.limit = limit.toInt(&number);
        if (!number || page.limit < 1 || page.limit > most)
            return wrong("limit", QStringLiteral("a whole number from 1 to %1").arg(most));
    }
    if (!anthropic) {
        page.after = queryValue(query, "after");
        const QByteArray order = queryValue(query, "order");
        if (!order.isEmpty() && order != "asc" && order != "desc")
            return wrong("order", QStringLiteral("asc or desc"));
        page.oldestFirst = order == "asc";
        return page;
    }
    page.after = queryValue(query, "after_id");
    if (const QByteArray before = queryValue(query, "before_id"); !before.isEmpty()) {
        if (!page.after.isEmpty())
            return wrong("before_id", QStringLiteral("given without after_id"));
        page.after = before;
        page.backwards = true;
    }
    return page;
}

QByteArray listAnswer(Dialect dialect, const QByteArrayList &shown, bool more)
{
    JsonWriter out;
    out.beginObject();
    if (dialect != Dialect::Messages)
        out.member("object", "list");
    out.key("data").beginArray();
    for (const QByteArray &one : shown)
        out.raw(one);
    out.endArray();
    for (const char *member : {"first_id", "last_id"}) {
        out.key(member);
        if (shown.isEmpty())
            out.null();
        else
            out.string(QByteArrayView(
                nameOf(member == QByteArrayView("first_id") ? shown.front() : shown.back())));
    }
    out.member("has_more", more).endObject();
    return out.take();
}

} // namespace tollgate::relay
