// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/thinking.h"

#include <algorithm>

namespace tollgate::codecs::messages {
namespace {

constexpr std::int64_t kLeastBudget = 1024; // Anthropic's documentation
constexpr std::int64_t kUsualAnswer = 8192; // where neither client nor catalogue says

using Mode = ReasoningSpec::Mode;
using Show = ReasoningSpec::Show;

bool wanted(const ReasoningSpec &spec)
{
    if (spec.mode == Mode::Off || spec.effort == "none" || spec.budget == 0)
        return false;
    return spec.mode != Mode::Unset || !spec.effort.isEmpty() || spec.budget;
}

bool unwanted(const ReasoningSpec &spec)
{
    return spec.mode == Mode::Off || spec.effort == "none" || spec.budget == 0;
}

// Newer models keep their thoughts to themselves unless asked; clients of other dialects never ask.
QByteArray displayOf(Show show, bool own)
{
    if (show == Show::Summary || show == Show::Full)
        return "summarized";
    if (show == Show::None)
        return "omitted";
    return own ? QByteArray() : QByteArray("summarized");
}

QByteArray effortOf(const ReasoningSpec &spec, const Target &target)
{
    static const QByteArrayList kUsual{"low", "medium", "high", "max"};
    QByteArray effort = spec.effort;
    if (effort.isEmpty() && target.adaptiveThinking && spec.budget.value_or(0) > 0)
        effort = effortOfBudget(*spec.budget);
    if (effort.isEmpty() || effort == "none")
        return {};
    return nearestEffort(effort, target.efforts.isEmpty() ? kUsual : target.efforts);
}

std::int64_t answerLimit(const Request &request, const Target &target)
{
    const std::int64_t cap = target.maxOutputTokens;
    if (!request.maxOutput)
        return cap > 0 ? cap : kUsualAnswer;
    return cap > 0 ? std::min(*request.maxOutput, cap) : *request.maxOutput;
}

// The client's limit is what it pays for: the budget gives way, not the limit.
void decideBudget(Thinking &thinking, const Request &request, const Target &target)
{
    const ReasoningSpec &spec = request.reasoning;
    std::int64_t budget = spec.budget.value_or(-1);
    if (budget < 0)
        budget = budgetOfEffort(spec.effort.isEmpty() ? QByteArrayView("medium") : spec.effort,
                                BudgetScale::Anthropic, target.maxOutputTokens);
    budget = std::max(budget, kLeastBudget);
    if (!request.maxOutput && target.maxOutputTokens <= 0)
        thinking.maxTokens = budget + kUsualAnswer;
    if (budget >= thinking.maxTokens)
        budget = thinking.maxTokens - std::max<std::int64_t>(thinking.maxTokens / 4, 1);
    thinking.kind = budget >= kLeastBudget ? Thinking::Kind::Budget : Thinking::Kind::Disabled;
    thinking.budget = budget;
}

} // namespace

Thinking decideThinking(const Request &request, const Target &target, const ThinkingBounds &bounds,
                        Dropped &dropped)
{
    const ReasoningSpec &spec = request.reasoning;
    const bool own = request.source == Dialect::Messages;
    Thinking thinking;
    thinking.maxTokens = answerLimit(request, target);
    if (target.adaptiveThinking || !target.efforts.isEmpty())
        thinking.effort = effortOf(spec, target);
    else if (own) // its client knows better than an empty list
        thinking.effort = spec.effort;
    if (unwanted(spec)) {
        thinking.kind = target.alwaysThinks ? Thinking::Kind::Silent : Thinking::Kind::Disabled;
        if (target.alwaysThinks)
            dropped.note("reasoning:off");
        if (spec.effort == "none")
            thinking.effort.clear();
        return thinking;
    }
    // An effort alone is no wish to see thoughts, where the model takes it by itself.
    if (!wanted(spec) || (own && spec.mode == Mode::Unset))
        return thinking;
    if (target.adaptiveThinking) {
        thinking.kind = Thinking::Kind::Adaptive;
        thinking.display = displayOf(spec.show, own);
        return thinking;
    }
    if (spec.mode == Mode::Adaptive && target.efforts.isEmpty())
        thinking.effort.clear(); // the budget says it
    decideBudget(thinking, request, target);
    if (bounds.historyForbids || bounds.forcedTool)
        thinking.kind = Thinking::Kind::Disabled;
    if (thinking.kind == Thinking::Kind::Budget && spec.show != Show::Unset)
        thinking.display = displayOf(spec.show, own);
    if (thinking.kind == Thinking::Kind::Disabled)
        dropped.note("reasoning");
    return thinking;
}

Result<ReasoningSpec> readThinking(JsonValue request, Native &bag)
{
    ReasoningSpec spec;
    spec.effort = request["output_config"]["effort"].string();
    const JsonValue thinking = request["thinking"];
    if (!thinking.isSet())
        return spec;
    const JsonValue type = thinking["type"];
    if (type.is("enabled"))
        spec.mode = Mode::On;
    else if (type.is("adaptive"))
        spec.mode = Mode::Adaptive;
    else if (type.is("disabled"))
        spec.mode = Mode::Off;
    else
        return refused(QStringLiteral("“thinking” must have a type of enabled, adaptive or "
                                      "disabled."),
                       "thinking.type");
    if (spec.mode == Mode::On) {
        spec.budget = thinking["budget_tokens"].integer();
        if (!spec.budget || *spec.budget < 1)
            return refused(QStringLiteral("“thinking.budget_tokens” must be a whole number of "
                                          "tokens."),
                           "thinking.budget_tokens");
    }
    const JsonValue display = thinking["display"];
    if (display.is("summarized"))
        spec.show = Show::Summary;
    else if (display.is("omitted"))
        spec.show = Show::None;
    else if (display.isSet())
        keep(bag, Dialect::Messages, "thinking.display", display.json());
    keepNested(bag, "thinking", thinking, {"type", "budget_tokens", "display"});
    return spec;
}

void writeThinkingMember(JsonWriter &out, const Thinking &thinking, const Native &bag)
{
    if (thinking.kind == Thinking::Kind::Silent)
        return;
    out.key("thinking").beginObject();
    switch (thinking.kind) {
    case Thinking::Kind::Budget:
        out.member("type", "enabled").member("budget_tokens", thinking.budget);
        break;
    case Thinking::Kind::Adaptive:
        out.member("type", "adaptive");
        break;
    case Thinking::Kind::Disabled:
    case Thinking::Kind::Silent:
        out.member("type", "disabled");
        break;
    }
    if (!thinking.display.isEmpty())
        out.member("display", thinking.display);
    if (thinking.kind != Thinking::Kind::Disabled)
        writeNested(out, bag, "thinking");
    out.endObject();
}

} // namespace tollgate::codecs::messages
