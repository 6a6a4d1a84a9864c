// SPDX-License-Identifier: GPL-3.0-or-later
// What routing would do with a request, told step by step. The plan is the real one; nothing is
// booked and nothing is sent.
#include "core/access/access.h"
#include "core/admin/channelview.h"
#include "core/admin/fields.h"
#include "core/admin/handlers.h"
#include "core/admin/rowjson.h"
#include "core/admin/tokenview.h"
#include "core/relay/channeltable.h"
#include "core/relay/translation.h"
#include "core/store/channels.h"
#include "core/store/settings.h"
#include "core/store/tokens.h"

#include <algorithm>
#include <array>
#include <map>

namespace tollgate::admin {
namespace {

using protocol::Dialect;
using protocol::Operation;
using routing::Cause;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

struct World
{
    std::vector<store::ChannelRow> channels;
    std::vector<store::TokenRow> tokens;
    std::vector<store::BudgetState> budgets;
    std::int64_t pausedUntilUs = 0;
};

Result<World> readWorld(store::Database &db, std::int64_t nowUs)
{
    auto channels = store::channels(db);
    auto tokens = store::tokens(db);
    auto budgets = store::budgetStates(db, nowUs);
    auto paused = store::pausedUntil(db);
    if (!channels)
        return failure(channels.error());
    if (!tokens)
        return failure(tokens.error());
    if (!budgets)
        return failure(budgets.error());
    if (!paused)
        return failure(paused.error());
    return World{std::move(*channels), std::move(*tokens), std::move(*budgets), *paused};
}

bool readDialect(const QString &name, routing::Question &question)
{
    constexpr std::array kDialects{Dialect::Chat,      Dialect::Completions, Dialect::Embeddings,
                                   Dialect::Responses, Dialect::Messages,    Dialect::Gemini,
                                   Dialect::Ollama};
    for (const Dialect dialect : kDialects) {
        if (QString::fromLatin1(protocol::dialectName(dialect)) != name)
            continue;
        question.dialect = dialect;
        question.operation
            = dialect == Dialect::Embeddings ? Operation::Embed : Operation::Generate;
        return true;
    }
    const auto endpoint = protocol::findEndpoint("POST", name.toUtf8(), {}, false);
    if (!endpoint)
        return false;
    question.dialect = endpoint->dialect;
    question.operation = endpoint->operation;
    return true;
}

routing::ChannelKey keyNow(const Desk &desk, const store::ChannelKeyRow &row)
{
    routing::ChannelKey one;
    one.row = row;
    one.readiness = routing::KeyReadiness::Ready;
    if (!desk.rooms.keys || row.source == store::KeySource::None)
        return one;
    const secrets::KeyRing::Held held = desk.rooms.keys->get(row.id);
    switch (held.state) {
    case secrets::KeyState::Present:
        break;
    case secrets::KeyState::Absent:
        one.readiness = routing::KeyReadiness::Absent;
        break;
    case secrets::KeyState::Locked:
        one.readiness = routing::KeyReadiness::Locked;
        break;
    case secrets::KeyState::Denied:
        one.readiness = routing::KeyReadiness::Denied;
        break;
    case secrets::KeyState::Unavailable:
        one.readiness = routing::KeyReadiness::Unavailable;
        break;
    }
    return one;
}

// The steps, each with how many channels are left and which it dropped.
class Story
{
public:
    Story(const Desk &desk, const routing::ChannelTable &table, const routing::Question &question)
        : m_desk(desk)
        , m_question(question)
        , m_plan(routing::plan(
              table, question, [&desk](std::int64_t id) { return coolingOf(desk, id); },
              [](std::uint32_t) { return 0U; }))
        , m_left(static_cast<int>(table.channels.size()))
    {
        tell(table);
    }

    [[nodiscard]] const routing::Plan &plan() const { return m_plan; }
    [[nodiscard]] QJsonArray steps() const { return m_steps; }
    [[nodiscard]] QJsonArray tiers() const { return m_tiers; }
    [[nodiscard]] QJsonArray lastResorts() const { return m_lastResorts; }
    [[nodiscard]] QString sentence() const { return m_sentence.join(QStringLiteral(" → ")); }

private:
    static std::int64_t coolingOf(const Desk &desk, std::int64_t keyId)
    {
        return desk.rooms.engine ? desk.rooms.engine->cooldownUs(keyId) : 0;
    }

    void step(const char *name, const QString &text, const QJsonArray &dropped)
    {
        m_left -= static_cast<int>(dropped.size());
        const QString sentence = text.arg(m_left);
        m_steps.append(QJsonObject{{key("step"), key(name)},
                                   {key("text"), sentence},
                                   {key("left"), m_left},
                                   {key("dropped"), dropped}});
        m_sentence.append(sentence);
    }

    [[nodiscard]] static QJsonObject drop(const QString &channel, const QString &reason)
    {
        return {{key("channel"), channel}, {key("reason"), reason}};
    }

    void tell(const routing::ChannelTable &table);
    void tellTiers();
    [[nodiscard]] QJsonObject candidateJson(const routing::Candidate &candidate) const;

    const Desk &m_desk;
    const routing::Question &m_question;
    routing::Plan m_plan;
    int m_left = 0;
    QJsonArray m_steps;
    QJsonArray m_tiers;
    QJsonArray m_lastResorts;
    QStringList m_sentence;
};

void Story::tell(const routing::ChannelTable &table)
{
    QJsonArray off;
    QJsonArray otherModel;
    QJsonArray otherDialect;
    QJsonArray keyless;
    for (const auto &channel : table.channels) {
        const store::ChannelRow &row = channel->row;
        if (!row.enabled)
            off.append(drop(row.name, QStringLiteral("switched off")));
        else if (row.pausedUntilUs > m_question.nowUs)
            off.append(drop(row.name, QStringLiteral("paused")));
    }
    for (const routing::Exclusion &one : m_plan.excluded) {
        const auto channel
            = std::find_if(table.channels.begin(), table.channels.end(),
                           [&one](const auto &each) { return each->row.id == one.channelId; });
        const store::ChannelRow &row = (*channel)->row;
        if (!row.enabled || row.pausedUntilUs > m_question.nowUs)
            continue;
        const QJsonObject dropped = drop(one.channel, QString::fromUtf8(one.reason));
        if (one.cause == Cause::OtherModel)
            otherModel.append(dropped);
        else if (one.cause == Cause::OtherDialect)
            otherDialect.append(dropped);
        else
            keyless.append(dropped);
    }
    step("enabled", QStringLiteral("%1 enabled"), off);
    step("model", QStringLiteral("%1 serve this model"), otherModel);
    step("dialect", QStringLiteral("%1 can be asked this way"), otherDialect);
    step("keys", QStringLiteral("%1 have a usable key"), keyless);
    QJsonArray cooling;
    std::map<std::int64_t, bool> ready;
    for (const routing::Candidate &one : m_plan.candidates)
        ready[one.channel->row.id] = ready[one.channel->row.id] || one.coolingUs <= 0;
    for (const routing::Candidate &one : m_plan.candidates) {
        bool &well = ready[one.channel->row.id];
        if (well)
            continue;
        well = true; // told once
        cooling.append(drop(one.channel->row.name,
                            QStringLiteral("cooling down for %1 s; a last resort")
                                .arg((one.coolingUs + 999'999) / 1'000'000)));
        m_lastResorts.append(candidateJson(one));
    }
    step("healthy", QStringLiteral("%1 healthy"), cooling);
    tellTiers();
}

QJsonObject Story::candidateJson(const routing::Candidate &candidate) const
{
    const store::ChannelRow &row = candidate.channel->row;
    QJsonObject json{{key("channel"), row.name},
                     {key("tile"), tileJson(row.provider)},
                     {key("vendor_model"), QString::fromUtf8(candidate.vendorModel)},
                     {key("weight"), row.weight},
                     {key("keys"), static_cast<int>(candidate.channel->keys.size())},
                     {key("cooling_us"), integer(candidate.coolingUs)}};
    if (const relay::Provider *provider = m_desk.rooms.providers->find(row.provider)) {
        const auto spoken
            = relay::dialectFor(*provider, row, m_question.operation, m_question.dialect);
        if (spoken && *spoken != m_question.dialect)
            json.insert(key("translated_to"), QString::fromLatin1(protocol::dialectName(*spoken)));
    }
    return json;
}

void Story::tellTiers()
{
    std::map<int, std::vector<const routing::Candidate *>, std::greater<>> tiers;
    for (const routing::Candidate &one : m_plan.candidates) {
        if (one.coolingUs > 0)
            continue;
        auto &tier = tiers[one.channel->row.priority];
        const bool there = std::any_of(tier.begin(), tier.end(), [&one](const auto *each) {
            return each->channel == one.channel;
        });
        if (!there)
            tier.push_back(&one);
    }
    int number = 0;
    for (auto &[priority, tier] : tiers) {
        std::stable_sort(tier.begin(), tier.end(), [](const auto *a, const auto *b) {
            return a->channel->row.weight > b->channel->row.weight;
        });
        int total = 0;
        for (const auto *one : tier)
            total += one->channel->row.weight;
        QJsonArray members;
        QStringList words;
        for (const auto *one : tier) {
            const int weight = one->channel->row.weight;
            const double share
                = total > 0 ? 100.0 * weight / total : 100.0 / static_cast<double>(tier.size());
            QJsonObject member = candidateJson(*one);
            member.insert(key("share_percent"), share);
            members.append(member);
            words.append(QStringLiteral("%1 %2 %").arg(one->channel->row.name).arg(qRound(share)));
        }
        m_tiers.append(QJsonObject{
            {key("tier"), ++number}, {key("priority"), priority}, {key("channels"), members}});
        m_sentence.append(
            QStringLiteral("tier %1: %2").arg(number).arg(words.join(QStringLiteral(", "))));
    }
}

// What stands in the way before any channel is looked at; empty: nothing.
QString refusalOf(const World &world, const store::TokenRow *token, const QByteArray &model,
                  std::int64_t nowUs)
{
    if (world.pausedUntilUs > nowUs)
        return QStringLiteral("Tollgate is paused, so every request is turned away.");
    if (!token)
        return {};
    const auto budget
        = std::find_if(world.budgets.begin(), world.budgets.end(), [token](const auto &state) {
              return token->budgetId != 0 && state.budget.id == token->budgetId;
          });
    const TokenWord word
        = tokenWord(*token, budget == world.budgets.end() ? nullptr : &*budget, nowUs);
    if (word != TokenWord::Active)
        return QStringLiteral("The token is not let in: %1.").arg(tokenTitle(word).toLower());
    if (!access::modelAllowed(*token, model)) {
        return QStringLiteral("The token may not use %1.").arg(QString::fromUtf8(model));
    }
    return {};
}

} // namespace

Answer routeSimulate(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    routing::Question question;
    question.model = fields.requiredText("model").toUtf8();
    const QString dialect = fields.text("dialect", 128).value_or(QStringLiteral("chat"));
    if (!readDialect(dialect, question))
        fields.refuse("dialect", QStringLiteral("is no dialect and no endpoint"));
    const QString tokenName = fields.text("token").value_or(QString());
    question.affinity = fields.text("session").value_or(QString()).toUtf8();
    std::ignore = fields.boolean("stream");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const std::int64_t nowUs = desk.nowUs();
    question.nowUs = nowUs;
    const auto reading = desk.read([nowUs](store::Database &db) { return readWorld(db, nowUs); });
    const Result<World> world = co_await reading;
    if (!world)
        co_return failure(world.error());
    const store::TokenRow *token = nullptr;
    for (const store::TokenRow &row : world->tokens) {
        if (!token && !tokenName.isEmpty() && row.name == tokenName)
            token = &row;
    }
    if (!tokenName.isEmpty() && !token) {
        co_return failure(ErrorKind::NotFound,
                          QStringLiteral("There is no token named %1.").arg(tokenName));
    }
    const auto table = relay::makeChannelTable(
        world->channels, *desk.rooms.providers,
        [&desk](const store::ChannelKeyRow &row) { return keyNow(desk, row); });
    const Story story(desk, *table, question);
    const QString refusal = refusalOf(*world, token, question.model, nowUs);
    const bool served = !story.plan().candidates.empty();
    QJsonObject answer{{key("ok"), served && refusal.isEmpty()},
                       {key("steps"), story.steps()},
                       {key("tiers"), story.tiers()},
                       {key("last_resorts"), story.lastResorts()},
                       {key("sentence"), story.sentence()}};
    if (!refusal.isEmpty())
        answer.insert(key("refusal"), refusal);
    else if (!served)
        answer.insert(key("refusal"), routing::whyNoChannel(story.plan(), question).message);
    co_return answer;
}

} // namespace tollgate::admin
