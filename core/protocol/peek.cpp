// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/peek.h"

#include "core/protocol/inputbound.h"
#include "core/protocol/jsonreader.h"
#include "core/protocol/peekmembers.h"
#include "core/protocol/usage.h"

#include <QString>

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace tollgate::protocol {
namespace {

constexpr std::int64_t kMostChoices = 128;
constexpr qsizetype kLongestModel = 256;
constexpr qsizetype kLongestHint = 512;
constexpr std::size_t kMostPictures = 4'096; // those behind count as text

Error refusal(QString message, QByteArray param = {}, QByteArray code = {})
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.message = std::move(message);
    error.param = std::move(param);
    error.code = std::move(code);
    return error;
}

Error notJson(const JsonReader &reader)
{
    const char *const reason = reader.failed() ? reader.reason() : "something follows the end";
    return refusal(QStringLiteral("The request body is not valid JSON: %1 at byte %2.")
                       .arg(QLatin1String(reason), QString::number(reader.position())),
                   {}, QByteArrayLiteral("invalid_json"));
}

std::optional<Error> badEncoding(QByteArrayView bytes)
{
    if (bytes.startsWith("\xEF\xBB\xBF"))
        return refusal(QStringLiteral("The request body begins with a byte order mark; send JSON "
                                      "as plain UTF-8."),
                       {}, QByteArrayLiteral("invalid_json"));
    if (!simdjson::validate_utf8(bytes.data(), static_cast<std::size_t>(bytes.size())))
        return refusal(QStringLiteral("The request body is not valid UTF-8."), {},
                       QByteArrayLiteral("invalid_json"));
    return std::nullopt;
}

using enum Member;

// Reads one body. Each take…() consumes the value at hand; the first refusal stays.
class Peeker
{
public:
    Peeker(const Endpoint &endpoint, QByteArrayView body, const JsonLimits &limits)
        : m_endpoint(endpoint)
        , m_body(body)
        , m_reader(body, limits.depth, limits.keys)
    {
        m_reader.tallyInto(&m_tally);
        m_peek.model = usualModel(endpoint.operation);
        // The only dialect that streams unless told not to.
        m_peek.stream
            = endpoint.dialect == Dialect::Ollama && endpoint.operation == Operation::Generate;
    }

    Result<Peek> run();

private:
    void member(const JsonText &key);
    void take(Member member, const QByteArray &name);
    void takeModel(const QByteArray &name);
    void takeStreamOptions();
    void takeGenerationConfig(const QByteArray &name);
    void takeOptions(const QByteArray &name);
    void takeTurns();
    void takePictures();
    void takeRequests();
    void takePrompt();
    void takeTools();
    void takeHint(int rank);
    template <class Visit> Span takeObject(const QByteArray &name, Visit &&visit)
    {
        const qsizetype start = m_reader.position();
        if (m_reader.type() == JsonType::Null)
            m_reader.skip();
        else if (!m_reader.object(visit))
            refuse(QStringLiteral("\"%1\" must be an object.").arg(QString::fromUtf8(name)), name);
        return spanFrom(start);
    }
    void takeBool(const QByteArray &name, bool &value, Span &span);
    std::optional<std::int64_t> takeCount(const QByteArray &name, std::int64_t least,
                                          std::int64_t most);
    void takeMaxOutput(const QByteArray &name, const QByteArray &shown);
    std::optional<Error> conclude();
    bool once(bool &seen, const QByteArray &name);
    void refuse(QString message, const QByteArray &param);
    [[nodiscard]] Span spanFrom(qsizetype start) const
    {
        return {start, m_reader.position() - start};
    }

    const Endpoint &m_endpoint;
    QByteArrayView m_body;
    JsonReader m_reader;
    JsonTally m_tally;
    Peek m_peek;
    std::optional<Error> m_refusal;
    std::array<bool, 20> m_seen{};
    std::int64_t m_prompts = 1;
    std::int64_t m_bestOf = 1;
    int m_hintRank = 0;
    bool m_maxOutputSeen = false;
    bool m_candidatesSeen = false;
    bool m_includeUsageSeen = false;
};

void Peeker::refuse(QString message, const QByteArray &param)
{
    if (!m_refusal)
        m_refusal = refusal(std::move(message), param);
}

bool Peeker::once(bool &seen, const QByteArray &name)
{
    if (std::exchange(seen, true))
        refuse(QStringLiteral("\"%1\" is given twice; which one is meant cannot be told.")
                   .arg(QString::fromUtf8(name)),
               name);
    return !m_refusal;
}

void Peeker::takeBool(const QByteArray &name, bool &value, Span &span)
{
    const qsizetype at = m_reader.position();
    if (m_reader.type() == JsonType::Null ? m_reader.null() : m_reader.boolean(value))
        span = spanFrom(at);
    else
        refuse(QStringLiteral("\"%1\" must be true or false.").arg(QString::fromUtf8(name)), name);
}

std::optional<std::int64_t> Peeker::takeCount(const QByteArray &name, std::int64_t least,
                                              std::int64_t most)
{
    if (m_reader.type() == JsonType::Null) {
        m_reader.skip();
        return std::nullopt;
    }
    QByteArrayView digits;
    std::int64_t value = 0;
    if (m_reader.number(digits) && toInteger(digits, value) && value >= least && value <= most)
        return value;
    refuse(QStringLiteral("\"%1\" must be a whole number from %2 to %3.")
               .arg(QString::fromUtf8(name), QString::number(least), QString::number(most)),
           name);
    return std::nullopt;
}

void Peeker::takeModel(const QByteArray &name)
{
    const qsizetype start = m_reader.position();
    if (m_reader.type() == JsonType::Null) {
        m_reader.skip();
        return;
    }
    JsonText text;
    if (!m_reader.string(text)) {
        refuse(QStringLiteral("\"model\" must be a string."), name);
        return;
    }
    QByteArray model = text.decoded();
    const bool control = std::any_of(model.cbegin(), model.cend(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
    if (model.isEmpty() || model.size() > kLongestModel || control) {
        refuse(QStringLiteral("\"model\" must be a name of 1 to %1 bytes.")
                   .arg(QString::number(kLongestModel)),
               name);
        return;
    }
    m_peek.modelValue = spanFrom(start);
    m_peek.model = std::move(model);
}

void Peeker::takeStreamOptions()
{
    const QByteArray inner = QByteArrayLiteral("include_usage");
    m_peek.streamOptionsValue = takeObject("stream_options", [&](const JsonText &key) {
        const QByteArray name = key.decoded();
        if (name.compare(inner, Qt::CaseInsensitive) != 0)
            return;
        if (name != inner)
            refuse(QStringLiteral("\"%1\" must be spelt \"include_usage\".")
                       .arg(QString::fromUtf8(name)),
                   name);
        if (!once(m_includeUsageSeen, inner))
            return;
        takeBool(inner, m_peek.asksUsage, m_peek.includeUsageValue);
    });
}

void Peeker::takeMaxOutput(const QByteArray &name, const QByteArray &shown)
{
    if (m_peek.maxOutput && m_reader.type() == JsonType::Null) {
        m_reader.skip(); // the other name's null beside a real value
        return;
    }
    if (m_peek.maxOutput) {
        refuse(QStringLiteral("Give either \"%1\" or \"%2\", not both.")
                   .arg(QString::fromUtf8(m_peek.maxOutputName), QString::fromUtf8(name)),
               name);
        return;
    }
    const qsizetype start = m_reader.position();
    m_peek.maxOutput = takeCount(shown, 0, kMostTokens);
    m_peek.maxOutputName = name;
    m_peek.maxOutputValue = spanFrom(start);
}

void Peeker::takeGenerationConfig(const QByteArray &name)
{
    m_peek.generationConfigValue = takeObject(name, [&](const JsonText &key) {
        const QByteArray inner = key.decoded();
        const bool tokens = inner == "maxOutputTokens" || inner == "max_output_tokens";
        const bool candidates = inner == "candidateCount" || inner == "candidate_count";
        const QByteArray shown = name + '.' + inner;
        if (tokens && once(m_maxOutputSeen, shown))
            takeMaxOutput(inner, shown);
        if (candidates && once(m_candidatesSeen, shown))
            m_peek.choices = takeCount(shown, 1, kMostChoices).value_or(1);
    });
}

// Ollama: num_predict of zero or less is no maximum, but one can be put in its place.
void Peeker::takeOptions(const QByteArray &name)
{
    m_peek.generationConfigValue = takeObject(name, [&](const JsonText &key) {
        const QByteArray shown = QByteArrayLiteral("options.num_predict");
        if (!key.is("num_predict") || !once(m_maxOutputSeen, shown))
            return;
        const qsizetype at = m_reader.position();
        if (const auto most = takeCount(shown, -kMostTokens, kMostTokens); most && *most > 0)
            m_peek.maxOutput = most;
        m_peek.maxOutputName = key.decoded();
        m_peek.maxOutputValue = spanFrom(at);
    });
}

void Peeker::takeTurns()
{
    m_reader.array([&] {
        m_reader.object([&](const JsonText &key) {
            if (key.is("images"))
                takePictures();
        });
    });
}

// Bare base64: what each costs does not follow from its bytes.
void Peeker::takePictures()
{
    m_reader.array([&] {
        const qsizetype at = m_reader.position() + 1;
        JsonText text;
        if (m_reader.string(text) && !text.escaped && m_tally.notes.size() < kMostPictures)
            m_tally.notes.push_back({JsonNote::Kind::Picture, 0, at, text.raw.size()});
    });
}

// The elements of batchEmbedContents repeat the model of the path.
void Peeker::takeRequests()
{
    m_reader.array([&] {
        bool seen = false;
        m_reader.object([&](const JsonText &key) {
            if (!key.is("model") || !once(seen, QByteArrayLiteral("requests.model")))
                return;
            const qsizetype start = m_reader.position();
            JsonText text;
            if (m_reader.string(text)) {
                QByteArray model = text.decoded();
                if (model.startsWith("models/"))
                    model.remove(0, 7);
                if (model != m_endpoint.model)
                    refuse(QStringLiteral("Every request of a batch must name the model of the "
                                          "path."),
                           QByteArrayLiteral("requests.model"));
                m_peek.nestedModels.push_back(spanFrom(start));
            }
        });
    });
}

// A list of strings, or of lists of token numbers, is so many prompts; token numbers are one.
void Peeker::takePrompt()
{
    std::int64_t prompts = 0;
    if (m_reader.type() != JsonType::Array) {
        m_reader.skip();
        return;
    }
    m_reader.array([&] {
        const JsonType found = m_reader.type();
        if (found == JsonType::String || found == JsonType::Array)
            ++prompts;
    });
    m_prompts = std::max<std::int64_t>(prompts, 1);
}

// Tools that the vendor runs itself put their results into the input: pages, files, databases.
void Peeker::takeTools()
{
    const bool gemini = m_endpoint.dialect == Dialect::Gemini;
    m_reader.array([&] {
        m_reader.object([&](const JsonText &key) {
            JsonText type;
            if (gemini)
                m_peek.inputElsewhere = m_peek.inputElsewhere
                    || !(key.is("functionDeclarations") || key.is("function_declarations"));
            else if (key.is("type") && m_reader.string(type))
                m_peek.inputElsewhere = m_peek.inputElsewhere
                    || !(type.is("function") || type.is("custom") || type.is("namespace"));
        });
    });
}

void Peeker::takeHint(int rank)
{
    JsonText text;
    if (!m_reader.string(text) || rank <= m_hintRank)
        return;
    m_hintRank = rank;
    m_peek.sessionHint = text.decoded().left(kLongestHint);
}

void Peeker::take(Member member, const QByteArray &name)
{
    switch (member) {
    case Model:
        takeModel(name);
        break;
    case Stream:
        takeBool(name, m_peek.stream, m_peek.streamValue);
        break;
    case StreamOptions:
        takeStreamOptions();
        break;
    case MaxOutput:
        takeMaxOutput(name, name);
        break;
    case Choices:
        m_peek.choices = takeCount(name, 1, kMostChoices).value_or(1);
        break;
    case BestOf:
        m_bestOf = takeCount(name, 1, kMostChoices).value_or(1);
        break;
    case GenerationConfig:
        takeGenerationConfig(name);
        break;
    case Options:
        takeOptions(name);
        break;
    case Turns:
        takeTurns();
        break;
    case Pictures:
        takePictures();
        break;
    case Requests:
        takeRequests();
        break;
    case Prompt:
        takePrompt();
        break;
    case Tools:
        takeTools();
        break;
    case CacheKey:
        takeHint(3);
        break;
    case Metadata:
        m_reader.object([&](const JsonText &key) {
            if (key.is("user_id"))
                takeHint(2);
        });
        break;
    case User:
        takeHint(1);
        break;
    case Other:
        break;
    }
}

void Peeker::member(const JsonText &key)
{
    if (m_refusal)
        return;
    // Most names hold no escape, and those that matter are short.
    const QByteArray decoded = key.escaped ? key.decoded() : QByteArray();
    const QByteArrayView name = key.escaped ? QByteArrayView(decoded) : key.raw;
    const Known *const known = lookUp(m_endpoint.dialect, name);
    if (!known)
        return;
    const QByteArray spelt = name.toByteArray();
    if (name != known->name) {
        refuse(QStringLiteral("\"%1\" must be spelt \"%2\".")
                   .arg(QString::fromUtf8(spelt), QString::fromUtf8(known->name)),
               spelt);
        return;
    }
    if (known->guarded) {
        // Chat's two names for one thing are told apart in takeMaxOutput(); each may stand once.
        const bool second = name == QByteArrayView("max_completion_tokens");
        const auto slot = second ? m_seen.size() - 1 : static_cast<std::size_t>(known->member);
        if (!once(m_seen[slot], spelt))
            return;
    }
    take(known->member, spelt);
}

std::optional<Error> Peeker::conclude()
{
    if (m_endpoint.dialect == Dialect::Gemini) {
        QByteArrayView named = m_peek.model;
        if (named.startsWith("models/"))
            named = named.sliced(7);
        if (!named.isEmpty() && named != m_endpoint.model)
            return refusal(QStringLiteral("The body names another model than the path."), "model");
        m_peek.model = m_endpoint.model;
        m_peek.stream = m_endpoint.stream;
    } else if (m_peek.model.isEmpty()) {
        return refusal(QStringLiteral("The request names no \"model\"."), "model",
                       "missing_required_parameter");
    }
    m_peek.choices = std::max(m_peek.choices, m_bestOf);
    if (m_prompts > kMostChoices * kMostChoices)
        return refusal(QStringLiteral("\"prompt\" holds too many prompts."), "prompt");
    m_peek.choices *= m_prompts;
    return std::nullopt;
}

Result<Peek> Peeker::run()
{
    if (m_body.isEmpty())
        return failure(refusal(QStringLiteral("The request has no body; a JSON object was "
                                              "expected."),
                               {}, "invalid_json"));
    if (auto bad = badEncoding(m_body))
        return failure(std::move(*bad));
    if (m_reader.type() != JsonType::Object) {
        m_reader.skip();
        if (!m_reader.atEnd())
            return failure(notJson(m_reader));
        return failure(
            refusal(QStringLiteral("The request body must be a JSON object."), {}, "invalid_json"));
    }
    m_peek.objectStart = m_reader.position() + 1;
    m_peek.emptyObject = true;
    m_reader.object([&](const JsonText &key) {
        m_peek.emptyObject = false;
        member(key);
    });
    if (!m_reader.atEnd())
        return failure(notJson(m_reader));
    if (!m_refusal)
        m_refusal = conclude();
    if (m_refusal)
        return failure(std::move(*m_refusal));
    boundInput(m_endpoint, m_body, m_tally, m_peek);
    return std::move(m_peek);
}

} // namespace

Result<void> validateJson(QByteArrayView bytes, const JsonLimits &limits)
{
    if (auto bad = badEncoding(bytes))
        return failure(std::move(*bad));
    JsonReader reader(bytes, limits.depth, limits.keys);
    reader.skip();
    if (!reader.atEnd())
        return failure(notJson(reader));
    return {};
}

Result<Peek> peek(const Endpoint &endpoint, QByteArrayView body, const JsonLimits &limits)
{
    return Peeker(endpoint, body, limits).run();
}

} // namespace tollgate::protocol
