// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/asking.h"

#include "core/conversation/effort.h"

namespace tollgate::codecs::chat {
namespace {

using Ask = ReasoningStyle::Ask;
using Mode = ReasoningSpec::Mode;
using Show = ReasoningSpec::Show;

// The members of an object that the client gave itself, but those in `except`.
void writeGiven(JsonWriter &out, const Request &request, QByteArrayView object,
                std::initializer_list<QByteArrayView> except)
{
    const QByteArray given = nativeOf(request.native, Dialect::Chat, object);
    const auto tree = protocol::JsonTree::parse(given);
    if (!tree)
        return;
    for (const JsonValue member : tree->root()) {
        const bool said = std::any_of(except.begin(), except.end(),
                                      [&](QByteArrayView name) { return member.keyIs(name); });
        if (!said)
            out.key(member.key()).raw(member.raw());
    }
}

// The effort meant, in a name that the model takes; empty: nothing to say.
QByteArray effortOf(const ReasoningSpec &spec, const Target &target)
{
    QByteArray effort = spec.effort;
    if (effort.isEmpty() && spec.mode == Mode::Off)
        effort = "none";
    else if (effort.isEmpty() && spec.budget)
        effort = effortOfBudget(*spec.budget);
    if (effort == "none" && target.alwaysThinks)
        effort = target.efforts.isEmpty() ? QByteArray() : QByteArray("minimal");
    return effort.isEmpty() ? effort : nearestEffort(effort, target.efforts);
}

class Asker
{
public:
    JsonWriter &out;
    const Request &request;
    const Target &target;
    const ReasoningStyle &style;
    Dropped &dropped;

    void object() const;
    void thinking() const;
    void google() const;
    void kwargs() const;
    void rest() const;

    [[nodiscard]] const ReasoningSpec &spec() const { return request.reasoning; }
    [[nodiscard]] bool on() const { return spec().mode != Mode::Off || target.alwaysThinks; }
    void effort() const
    {
        if (const QByteArray name = effortOf(spec(), target); !name.isEmpty())
            out.member("reasoning_effort", name);
    }
};

void Asker::object() const
{
    out.key("reasoning").beginObject();
    bool enabled = false;
    if (spec().budget && *spec().budget > 0)
        out.member("max_tokens", *spec().budget);
    else if (const QByteArray name = effortOf(spec(), target); !name.isEmpty())
        out.member("effort", name);
    else if ((enabled = spec().mode == Mode::On || spec().mode == Mode::Adaptive))
        out.member("enabled", true);
    if (spec().show == Show::None)
        out.member("exclude", true);
    if (enabled)
        writeGiven(out, request, "reasoning", {"enabled"});
    else
        writeGiven(out, request, "reasoning", {});
    out.endObject();
}

void Asker::thinking() const
{
    out.key("thinking").beginObject();
    if (spec().mode == Mode::Unset) { // only how, not whether
        writeGiven(out, request, "thinking", {});
        out.endObject();
        return;
    }
    out.member("type", !on() ? "disabled" : style.ask == Ask::Adaptive ? "adaptive" : "enabled");
    writeGiven(out, request, "thinking", {});
    out.endObject();
    // Only where the model is known to have levels: others refuse the member.
    const QByteArray name = effortOf(spec(), target);
    const bool levels = !target.efforts.isEmpty() || request.source == Dialect::Chat;
    if (style.effortToo && on() && levels && !spec().effort.isEmpty() && !name.isEmpty())
        out.member("reasoning_effort", name);
}

void Asker::google() const
{
    if (!spec().budget && spec().show != Show::Full) {
        effort();
        return;
    }
    // Their endpoint refuses both at once.
    out.key("extra_body").beginObject().key("google").beginObject();
    out.key("thinking_config").beginObject();
    if (spec().budget)
        out.member("thinking_budget", *spec().budget);
    else if (const QByteArray name = effortOf(spec(), target); !name.isEmpty())
        out.member("thinking_level", name);
    if (spec().show == Show::Full)
        out.member("include_thoughts", true);
    out.endObject();
    const QByteArray given = nativeOf(request.native, Dialect::Chat, "extra_body");
    if (const auto tree = protocol::JsonTree::parse(given)) {
        for (const JsonValue member : tree->root()["google"]) {
            if (!member.keyIs("thinking_config"))
                out.key(member.key()).raw(member.raw());
        }
    }
    out.endObject().endObject();
}

void Asker::kwargs() const
{
    out.key("chat_template_kwargs").beginObject();
    if (spec().mode != Mode::Unset)
        out.member("enable_thinking", on());
    writeGiven(out, request, "chat_template_kwargs", {"enable_thinking"});
    out.endObject();
}

// Members that a client of this dialect said itself, where the style does not say them anew.
void Asker::rest() const
{
    const auto pass = [&](const char *name) {
        const QByteArray given = nativeOf(request.native, Dialect::Chat, name);
        if (!given.isEmpty() && !target.refusesUnknown)
            out.key(name).raw(given);
    };
    if (style.ask != Ask::Template)
        pass("chat_template_kwargs");
    if (!style.format) {
        pass("reasoning_format");
        pass("include_reasoning");
    }
    if (!style.split)
        pass("reasoning_split");
    if (style.ask != Ask::PromptMode)
        pass("prompt_mode");
    if (style.ask != Ask::Google || spec().mode == Mode::Unset)
        pass("extra_body");
}

} // namespace

void writeAsking(JsonWriter &out, const Request &request, const Target &target,
                 const ReasoningStyle &style, Dropped &dropped)
{
    const Asker asker{out, request, target, style, dropped};
    const ReasoningSpec &spec = request.reasoning;
    asker.rest();
    if (style.split)
        out.member("reasoning_split", true);
    if (style.format && spec.show != Show::Unset) {
        const bool raw = nativeOf(request.native, Dialect::Chat, "reasoning_format") == "\"raw\"";
        out.member("reasoning_format", spec.show == Show::None ? "hidden" : raw ? "raw" : "parsed");
    }
    if (style.ask == Ask::Template
        && (spec.mode != Mode::Unset
            || !nativeOf(request.native, Dialect::Chat, "chat_template_kwargs").isEmpty())) {
        asker.kwargs();
        return;
    }
    const bool objects = style.ask == Ask::Object;
    const bool switches = style.ask == Ask::Thinking || style.ask == Ask::Adaptive;
    const auto given = [&](const char *name) {
        return !nativeOf(request.native, Dialect::Chat, name).isEmpty();
    };
    if (given("reasoning") && !objects)
        dropped.note("reasoning");
    if (given("thinking") && !switches)
        dropped.note("thinking");
    const bool asked = spec.mode != Mode::Unset || spec.budget || !spec.effort.isEmpty()
        || (objects && (given("reasoning") || spec.show == Show::None))
        || (switches && given("thinking"));
    if (!asked)
        return;
    if (spec.mode == Mode::Off && target.alwaysThinks)
        dropped.note("reasoning");
    switch (style.ask) {
    case Ask::Effort:
        asker.effort();
        break;
    case Ask::Object:
        asker.object();
        break;
    case Ask::Thinking:
    case Ask::Adaptive:
        asker.thinking();
        break;
    case Ask::Switch:
        out.member("enable_thinking", asker.on());
        if (asker.on() && (spec.budget || !spec.effort.isEmpty())) {
            const std::int64_t budget
                = spec.budget.value_or(budgetOfEffort(spec.effort, BudgetScale::Gemini));
            if (budget > 0)
                out.member("thinking_budget", budget);
        }
        break;
    case Ask::Template:
        break;
    case Ask::PromptMode:
        if (!target.efforts.isEmpty()
            || (request.source == Dialect::Chat && !spec.effort.isEmpty()))
            asker.effort();
        else if (asker.on())
            out.member("prompt_mode", "reasoning");
        break;
    case Ask::Google:
        asker.google();
        break;
    case Ask::Nothing:
        dropped.note("reasoning");
        break;
    }
}

} // namespace tollgate::codecs::chat
