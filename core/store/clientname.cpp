// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/clientname.h"

#include <array>

namespace tollgate::store {
namespace {

constexpr qsizetype kLongest = 32;

struct Known
{
    const char *beginning; // of the user agent, in lower case
    const char *name;
};

// As the programs call themselves; the longer beginning stands before the shorter one.
constexpr std::array kKnown{
    Known{"claude-cli/", "claude-code"},
    Known{"claude-code/", "claude-code"},
    Known{"codex_cli_rs/", "codex"},
    Known{"codex_exec/", "codex"},
    Known{"codex_vscode/", "codex"},
    Known{"codex-tui/", "codex"},
    Known{"geminicli/", "gemini-cli"},
    Known{"geminicli-", "gemini-cli"},
    Known{"google-genai-sdk/", "google-genai"},
    Known{"githubcopilotchat/", "github-copilot"},
    Known{"roo-code/", "roo-code"},
    Known{"roocode/", "roo-code"},
    Known{"kilo-code/", "kilo-code"},
    Known{"kilocode/", "kilo-code"},
    Known{"continue/", "continue"},
    Known{"openai/python", "openai-python"},
    Known{"asyncopenai/python", "openai-python"},
    Known{"openai/js", "openai-js"},
    Known{"anthropic/python", "anthropic-python"},
    Known{"asyncanthropic/python", "anthropic-python"},
    Known{"anthropic/js", "anthropic-js"},
    Known{"python-requests/", "python-requests"},
    Known{"tollgate-replay", "replay"},
    Known{"mozilla/", "browser"},
};

bool isNameCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

} // namespace

QByteArray clientName(QByteArrayView userAgent)
{
    const QByteArray agent = userAgent.toByteArray().left(256).toLower();
    for (const Known &known : kKnown) {
        if (agent.startsWith(known.beginning))
            return known.name;
    }
    QByteArray name;
    for (const char c : agent) {
        if (!isNameCharacter(c) || name.size() == kLongest)
            break;
        name.append(c);
    }
    return name;
}

} // namespace tollgate::store
