// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/keeping.h"

#include "core/protocol/formpeek.h"
#include "core/protocol/jsontree.h"
#include "core/relay/ending.h"
#include "core/relay/upstreamerror.h"
#include "core/store/store.h"

#include <algorithm>

namespace tollgate::relay {
namespace {

using protocol::Dialect;
using protocol::KeptCall;
using Act = KeptCall::Act;
using Thing = KeptCall::Thing;

store::ThingKind kindOf(Thing thing)
{
    return thing == Thing::File ? store::ThingKind::File : store::ThingKind::Batch;
}

QByteArray textAt(const QByteArray &body, protocol::Span span)
{
    return body.mid(span.at, span.length);
}

KeptCall callOf(const Call &call)
{
    const auto read = protocol::keptCall(call.request.head.method, call.endpoint.path);
    KeptCall what = read && *read ? **read : KeptCall{};
    what.dialect = call.endpoint.dialect; // of files it depends on the headers
    return what;
}

} // namespace

Task<void> Relay::serveKept(std::shared_ptr<Call> call)
{
    Keeping keeping(m_services, *call);
    auto running = keeping.run();
    const Result<void> done = co_await running;
    call->exchange = nullptr;
    if (done)
        closeRecord(*call, keeping.status(), keeping.told() ? &*keeping.told() : nullptr);
    else if (call->out->finished())
        closeRecord(*call, call->stopped ? call->stopped->status() : 200, &done.error());
    else
        refuseCall(*call, done.error());
    m_services.ledger->record(call->row);
}

Keeping::Keeping(const Services &services, Call &call)
    : m_services(services)
    , m_call(call)
    , m_what(callOf(call))
{
    call.row.operation = m_what.thing == Thing::File ? "file" : "batch";
}

Task<Result<void>> Keeping::run()
{
    auto place = m_services.meters->admit(*m_call.token, 0);
    if (!place)
        co_return failure(place.error());
    m_call.place = std::move(*place);
    switch (m_what.act) {
    case Act::Create: {
        auto creating = create();
        co_return co_await creating;
    }
    case Act::List: {
        auto listing = list();
        co_return co_await listing;
    }
    case Act::Content: {
        auto reading = content();
        co_return co_await reading;
    }
    case Act::Show:
    case Act::Delete:
    case Act::Cancel:
        break;
    }
    auto asking = about();
    co_return co_await asking;
}

Error Keeping::notFound(const QByteArray &id) const
{
    Error error{ErrorKind::NotFound,
                (m_what.thing == Thing::File
                     ? QStringLiteral("This token has no file \u201c%1\u201d.")
                     : QStringLiteral("This token has no batch \u201c%1\u201d."))
                    .arg(QString::fromUtf8(id))};
    error.code = m_what.thing == Thing::File ? "file_not_found" : "batch_not_found";
    return error;
}

// What others own is not there.
Task<Result<store::KeptThing>> Keeping::find(QByteArray id)
{
    const auto reading = m_services.store->read(
        [token = m_call.token->id, id](store::Database &db) {
            return store::keptThing(db, token, id);
        },
        *m_services.mailbox);
    const Result<std::optional<store::KeptThing>> found = co_await reading;
    if (!found)
        co_return failure(found.error());
    if (!*found || (*found)->kind != kindOf(m_what.thing)
        || (*found)->dialect != protocol::dialectName(m_what.dialect))
        co_return failure(notFound(id));
    co_return **found;
}

Result<routing::Candidate> Keeping::keeperOf(const store::KeptThing &thing) const
{
    for (const auto &channel : m_call.snapshot->channels->channels) {
        for (std::size_t i = 0; i < channel->keys.size(); ++i) {
            if (channel->keys[i].row.id != thing.keyId)
                continue;
            routing::Candidate candidate;
            candidate.channel = channel;
            candidate.key = i;
            candidate.reason = "keeps it";
            if (channel->keys[i].readiness == routing::KeyReadiness::Ready)
                return candidate;
            return failure(ErrorKind::Unavailable,
                           QStringLiteral("The key of channel \u201c%1\u201d that keeps this is "
                                          "not available; unlock it and try again.")
                               .arg(channel->row.name),
                           "provider_key_locked");
        }
    }
    return failure(ErrorKind::Unavailable,
                   QStringLiteral("The provider key that keeps this has been removed."),
                   "provider_key_removed");
}

// Which models a batch asks for: its own words, or those of a file that will be one's input.
Result<std::vector<protocol::BatchModel>> Keeping::modelsNamed() const
{
    const QByteArray &body = m_call.request.body;
    std::vector<protocol::BatchModel> none;
    if (m_what.thing == Thing::Batch)
        return m_what.dialect == Dialect::Messages ? protocol::batchModels(body) : none;
    const QByteArray type = m_call.request.head.headers.value("content-type");
    if (!protocol::isForm(type)) {
        return failure(ErrorKind::UnsupportedMedia,
                       QStringLiteral("A file is uploaded as multipart/form-data."), "not_a_form");
    }
    QByteArray purpose;
    protocol::Span file;
    const Result<void> read = protocol::eachPart(
        type, body, [&](const QByteArray &name, protocol::Span value) -> Result<void> {
            if (name == "purpose")
                purpose = textAt(body, value);
            else if (name == "file")
                file = value;
            return {};
        });
    if (!read)
        return failure(read.error());
    return purpose == "batch" ? protocol::lineModels(body, file) : none;
}

Result<std::vector<routing::Candidate>>
Keeping::candidatesFor(const std::vector<protocol::BatchModel> &models) const
{
    routing::Question question;
    question.anyModel = models.empty();
    question.model = models.empty() ? QByteArray() : models.front().name;
    question.operation = m_call.endpoint.operation;
    question.dialect = m_call.endpoint.dialect;
    question.nowUs = m_services.clock->wallUs();
    // One token's files and batches come together, since one names the other.
    question.affinity = "kept for " + QByteArray::number(qlonglong{m_call.token->id});
    routing::Plan plan = routing::plan(
        *m_call.snapshot->channels, question,
        [this](std::int64_t key) { return m_services.health->cooldownUs(key); },
        [](std::uint32_t) { return 0U; });
    std::erase_if(plan.candidates, [&](const routing::Candidate &candidate) {
        return std::any_of(models.begin(), models.end(), [&](const protocol::BatchModel &model) {
            return !candidate.channel->serves(model.name);
        });
    });
    if (!plan.candidates.empty())
        return std::move(plan.candidates);
    if (!models.empty())
        return failure(routing::whyNoChannel(plan, question));
    return failure(ErrorKind::NotFound,
                   QStringLiteral("No channel keeps files and batches for this API; add one of its "
                                  "own vendor."),
                   "no_channel");
}

Result<Keeping::Making> Keeping::readMaking() const
{
    // What a batch costs is known when it has run, a day later perhaps: nothing can be held for it.
    if (m_what.thing == Thing::Batch && m_call.token->budgetId) {
        return failure(ErrorKind::Forbidden,
                       QStringLiteral("A token with a budget may not start batches, since their "
                                      "cost is known only afterwards; use one without a budget."),
                       "budget_forbids_batches");
    }
    auto models = modelsNamed();
    if (!models)
        return failure(models.error());
    for (const protocol::BatchModel &model : *models) {
        if (!access::modelAllowed(*m_call.token, model.name)) {
            return failure(ErrorKind::Forbidden,
                           QStringLiteral("This token may not use the model \u201c%1\u201d.")
                               .arg(QString::fromUtf8(model.name)),
                           "model_not_allowed");
        }
    }
    if (!models->empty())
        m_call.row.model = models->front().name;
    auto candidates = candidatesFor(*models);
    if (!candidates)
        return failure(candidates.error());
    return Making{std::move(*models), std::move(*candidates)};
}

Task<Result<void>> Keeping::create()
{
    auto making = readMaking();
    if (!making)
        co_return failure(making.error());
    if (m_what.thing == Thing::Batch && m_what.dialect != Dialect::Messages) {
        // It runs where its input lies.
        const auto tree = protocol::JsonTree::parse(m_call.request.body);
        if (!tree)
            co_return failure(tree.error());
        const QByteArray input = tree->root()["input_file_id"].string();
        m_what.thing = Thing::File;
        auto finding = find(input);
        const auto file = co_await finding;
        m_what.thing = Thing::Batch;
        if (!file)
            co_return failure(file.error());
        const auto keeper = keeperOf(*file);
        if (!keeper)
            co_return failure(keeper.error());
        making->candidates = {*keeper};
    }
    const auto tries = std::min(making->candidates.size(),
                                std::size_t(std::max(1, m_call.snapshot->settings.maxAttempts)));
    for (std::size_t i = 0; i < tries; ++i) {
        const routing::Candidate &candidate = making->candidates[i];
        const routing::Channel &channel = *candidate.channel;
        const QByteArray body = protocol::renameModels(
            m_call.request.body, making->models,
            [&channel](const QByteArray &model) { return channel.vendorModel(model); });
        auto asking = ask(candidate, "POST", m_call.endpoint.path, body);
        const Result<Said> said = co_await asking;
        const bool good = said && said->good();
        if (!good && !m_call.stopped && i + 1 < tries
            && routing::judge(m_failure) == routing::Verdict::Next)
            continue;
        if (!said)
            co_return failure(said.error());
        if (!good)
            co_return refusal(candidate, *said);
        store::KeptThing thing;
        thing.tokenId = m_call.token->id;
        thing.id = nameOf(said->body);
        thing.kind = kindOf(m_what.thing);
        thing.dialect = protocol::dialectName(m_what.dialect);
        thing.channelId = channel.row.id;
        thing.keyId = channel.keys[candidate.key].row.id;
        thing.createdUs = m_services.clock->wallUs();
        if (thing.id.isEmpty()) {
            co_return failure(badAnswer(m_attempt, QStringLiteral("made something without a name."),
                                        "bad_answer"));
        }
        auto remembering = remember(std::move(thing), said->body);
        if (const Result<void> kept = co_await remembering; !kept)
            co_return failure(kept.error());
        answer(*said);
        co_return Result<void>();
    }
    co_return failure(ErrorKind::Unavailable, QStringLiteral("No channel answered."), "no_channel");
}

// What changes still is looked at again, the rest is as it was last shown.
Task<Result<void>> Keeping::list()
{
    auto query = pageAsked(m_what, m_call.request.head.query);
    if (!query)
        co_return failure(query.error());
    query->tokenId = m_call.token->id;
    const auto reading = m_services.store->read(
        [asked = *query](store::Database &db) { return store::keptThings(db, asked); },
        *m_services.mailbox);
    Result<store::ThingPage> page = co_await reading;
    if (!page)
        co_return failure(page.error());
    const QByteArray purpose = queryValue(m_call.request.head.query, "purpose");
    const QByteArray collection
        = m_what.thing == Thing::Batch && m_what.dialect == Dialect::Messages ? "messages/batches/"
        : m_what.thing == Thing::Batch                                        ? "batches/"
                                                                              : "files/";
    QByteArrayList shown;
    for (store::KeptThing &thing : page->things) {
        const auto keeper = keeperOf(thing);
        if ((!thing.final || thing.content.isEmpty()) && keeper) {
            auto asking = ask(*keeper, "GET", collection + thing.id, {});
            const Result<Said> said = co_await asking;
            if (m_call.stopped)
                co_return failure(*m_call.stopped);
            if (said && said->good() && nameOf(said->body) == thing.id) {
                thing.content = said->body;
                auto remembering = remember(thing, said->body);
                if (const Result<void> kept = co_await remembering; !kept)
                    co_return failure(kept.error());
            }
        }
        if (thing.content.isEmpty())
            continue;
        const auto tree = protocol::JsonTree::parse(thing.content);
        if (purpose.isEmpty() || (tree && tree->root()["purpose"].is(purpose)))
            shown << withOwnResults(thing.content, origin());
    }
    Said said;
    said.status = 200;
    said.body = listAnswer(m_what.dialect, shown, page->more);
    answer(said);
    co_return Result<void>();
}

Task<Result<void>> Keeping::about()
{
    auto finding = find(m_what.id);
    auto thing = co_await finding;
    if (!thing)
        co_return failure(thing.error());
    const auto keeper = keeperOf(*thing);
    if (!keeper)
        co_return failure(keeper.error());
    const QByteArray method = m_what.act == Act::Delete ? "DELETE"
        : m_what.act == Act::Cancel                     ? "POST"
                                                        : "GET";
    auto asking = ask(*keeper, method, m_call.endpoint.path, m_call.request.body);
    const Result<Said> said = co_await asking;
    if (!said)
        co_return failure(said.error());
    const bool gone = said->status == 404 || (said->good() && m_what.act == Act::Delete);
    if (gone) {
        const auto forgetting = m_services.store->write(
            [token = m_call.token->id, id = m_what.id](store::Database &db) {
                return store::forgetThing(db, token, id);
            },
            *m_services.mailbox);
        if (const Result<void> forgotten = co_await forgetting; !forgotten)
            co_return failure(forgotten.error());
    }
    if (said->status == 404)
        co_return failure(notFound(m_what.id));
    if (!said->good())
        co_return refusal(*keeper, *said);
    if (!gone && nameOf(said->body) == thing->id) {
        auto remembering = remember(*thing, said->body);
        if (const Result<void> kept = co_await remembering; !kept)
            co_return failure(kept.error());
    }
    answer(*said);
    co_return Result<void>();
}

} // namespace tollgate::relay
