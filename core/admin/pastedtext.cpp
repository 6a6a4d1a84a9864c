// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/pastedtext.h"

#include "providers/baseurl.h"
#include "providers/tiles.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QUrl>
#include <QUrlQuery>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace tollgate::admin {
namespace {

constexpr int kDeepest = 12;
constexpr std::size_t kMost = 200;
constexpr qsizetype kShortestKey = 8;

QString word(const char *text)
{
    return QString::fromLatin1(text);
}

struct KeyShape
{
    const char *prefix;
    const char *provider;
};
// The longest that fits decides.
constexpr std::array kKeyShapes{
    KeyShape{"sk-ant-", "anthropic"},
    KeyShape{"sk-or-", "openrouter"},
    KeyShape{"sk-proj-", "openai"},
    KeyShape{"sk-svcacct-", "openai"},
    KeyShape{"gsk_", "groq"},
    KeyShape{"AIza", "gemini"},
    KeyShape{"xai-", "xai"},
    KeyShape{"pplx-", "perplexity"},
    KeyShape{"nvapi-", "nvidia"},
    KeyShape{"hf_", "huggingface"},
    KeyShape{"csk-", "cerebras"},
    KeyShape{"fw_", "fireworks"},
    KeyShape{"pa-", "voyage"},
    KeyShape{"jina_", "jina"},
    KeyShape{"github_pat_", "github-models"},
};

struct Kind
{
    int type; // of One API and what descends from it
    const char *provider;
};
constexpr std::array kKinds{
    Kind{1, "openai"},       Kind{3, "azure"},       Kind{14, "anthropic"},
    Kind{16, "zhipu"},       Kind{17, "bailian"},    Kind{19, "360"},
    Kind{20, "openrouter"},  Kind{22, "fastgpt"},    Kind{24, "gemini"},
    Kind{25, "moonshot-cn"}, Kind{26, "baichuan"},   Kind{27, "minimax-cn"},
    Kind{28, "mistral"},     Kind{29, "groq"},       Kind{30, "ollama"},
    Kind{31, "lingyiwanwu"}, Kind{32, "stepfun"},    Kind{35, "cohere"},
    Kind{36, "deepseek"},    Kind{37, "cloudflare"}, Kind{39, "together"},
    Kind{40, "doubao"},      Kind{41, "novita"},     Kind{44, "siliconflow-cn"},
    Kind{45, "xai"},         Kind{47, "qianfan"},    Kind{48, "iflytek"},
    Kind{49, "bailian"},
};

bool looksLikeKey(const QString &text)
{
    static const QRegularExpression plain(word("^[A-Za-z0-9._:/+=-]+$"));
    return text.size() >= kShortestKey && text.size() <= 8'192 && plain.match(text).hasMatch()
        && !text.startsWith(word("http")) && !text.startsWith(u'$');
}

bool isUrl(const QString &text)
{
    const QUrl url(text);
    return (url.scheme() == u"http" || url.scheme() == u"https") && !url.host().isEmpty();
}

QByteArrayList commaList(const QString &text)
{
    QByteArrayList out;
    for (const QString &one : text.split(u',', Qt::SkipEmptyParts))
        out.append(one.trimmed().toUtf8());
    return out;
}

QString nameFor(const PastedChannel &channel, const relay::Providers &providers)
{
    if (!channel.name.isEmpty())
        return channel.name;
    const relay::Provider *const provider = providers.find(channel.provider);
    if (provider && channel.provider != "openai-compatible")
        return provider->name();
    return QUrl(QString::fromUtf8(channel.baseUrl)).host();
}

class Reader
{
public:
    explicit Reader(const relay::Providers &providers)
        : m_providers(providers)
    {
    }

    [[nodiscard]] std::vector<PastedChannel> take() { return std::move(m_found); }

    // Completes what was found, and keeps it if it is anything.
    void add(PastedChannel channel)
    {
        if ((channel.keys.isEmpty() && channel.baseUrl.isEmpty()) || m_found.size() >= kMost)
            return;
        if (channel.provider.isEmpty() && !channel.baseUrl.isEmpty())
            channel.provider = providerOfUrl(channel.baseUrl, m_providers);
        if (channel.provider.isEmpty() && channel.baseUrl.isEmpty())
            channel.provider = providerOfKey(channel.keys.front());
        channel.sure = !channel.provider.isEmpty();
        if (channel.provider.isEmpty())
            channel.provider = channel.baseUrl.isEmpty() ? "openai" : "openai-compatible";
        if (!m_providers.find(channel.provider))
            channel.provider = "openai-compatible";
        channel.name = nameFor(channel, m_providers);
        for (PastedChannel &there : m_found) {
            if (there.provider == channel.provider && there.baseUrl == channel.baseUrl
                && there.name == channel.name) {
                for (const QByteArray &key : channel.keys) {
                    if (!there.keys.contains(key))
                        there.keys.append(key);
                }
                return;
            }
        }
        m_found.push_back(std::move(channel));
    }

    void readLink(const QString &text);
    void readValue(const QJsonValue &value, const QString &name, int depth);
    void readVariables(const std::map<QString, QString> &variables, const QString &form,
                       const QString &name = {});
    void readCurl(const QString &text);
    void readYaml(const QString &text);
    void readLoose(const QString &text);

private:
    [[nodiscard]] bool readObject(const QJsonObject &object, const QString &name);

    const relay::Providers &m_providers;
    std::vector<PastedChannel> m_found;
};

QString firstOf(const QJsonObject &object, std::initializer_list<const char *> names)
{
    for (const char *name : names) {
        for (auto it = object.begin(); it != object.end(); ++it) {
            const QString plain = it.key().toLower().remove(u'_').remove(u'-');
            if (plain == QLatin1String(name) && it.value().isString()
                && !it.value().toString().isEmpty())
                return it.value().toString();
        }
    }
    return {};
}

void Reader::readLink(const QString &text)
{
    static const QRegularExpression link(word("ccswitch://\\S+"));
    for (auto it = link.globalMatch(text); it.hasNext();) {
        const QUrlQuery query(QUrl(it.next().captured()));
        const auto value = [&query](const char *name) {
            return query.queryItemValue(word(name), QUrl::FullyDecoded);
        };
        PastedChannel channel;
        channel.form = word("link");
        channel.name = value("name");
        channel.baseUrl = value("endpoint").section(u',', 0, 0).toUtf8();
        if (const QString key = value("apiKey"); looksLikeKey(key))
            channel.keys = {key.toUtf8()};
        if (const QString model = value("model"); !model.isEmpty())
            channel.models = {model.toUtf8()};
        if (value("app") == u"claude" && providerOfUrl(channel.baseUrl, m_providers).isEmpty())
            channel.provider = "anthropic";
        if (value("app") == u"gemini" && providerOfUrl(channel.baseUrl, m_providers).isEmpty())
            channel.provider = "gemini";
        add(std::move(channel));
    }
}

// An object that names an address or a key is an account.
bool Reader::readObject(const QJsonObject &object, const QString &name)
{
    const QJsonObject parameters = object.value(word("litellm_params")).toObject();
    const QJsonObject &source = parameters.isEmpty() ? object : parameters;
    PastedChannel channel;
    channel.form = word("json");
    channel.name = firstOf(object, {"name", "title", "displayname"});
    if (channel.name.isEmpty() && parameters.isEmpty())
        channel.name = name;
    const QString url = firstOf(
        source, {"baseurl", "apibase", "apibaseurl", "endpoint", "apiurl", "url", "host"});
    if (isUrl(url))
        channel.baseUrl = url.toUtf8();
    const QString keys = firstOf(source, {"apikey", "key", "authtoken", "token", "keys"});
    for (const QString &key : keys.split(u'\n', Qt::SkipEmptyParts)) {
        if (looksLikeKey(key.trimmed()))
            channel.keys.append(key.trimmed().toUtf8());
    }
    if (channel.keys.isEmpty() && channel.baseUrl.isEmpty())
        return false;
    const QJsonValue models = source.value(word("models"));
    if (models.isString())
        channel.models = commaList(models.toString());
    for (const QJsonValue one : models.toArray()) {
        const QString model
            = one.isString() ? one.toString() : firstOf(one.toObject(), {"id", "name"});
        if (!model.isEmpty())
            channel.models.append(model.toUtf8());
    }
    if (const QString model = firstOf(source, {"model"}); !model.isEmpty()) {
        const QString own
            = model.contains(u'/') && !parameters.isEmpty() ? model.section(u'/', 1) : model;
        const QString asked = firstOf(object, {"modelname"});
        channel.models.append((asked.isEmpty() ? own : asked).toUtf8());
        if (!asked.isEmpty() && asked != own)
            channel.modelMap.emplace_back(asked.toUtf8(), own.toUtf8());
        if (!parameters.isEmpty() && m_providers.find(model.section(u'/', 0, 0).toUtf8()))
            channel.provider = model.section(u'/', 0, 0).toUtf8();
    }
    const QString provider = firstOf(source, {"provider", "providertype"}).toLower();
    if (m_providers.find(provider.toUtf8()))
        channel.provider = provider.toUtf8();
    if (object.value(word("type")).isDouble()) {
        const int type = object.value(word("type")).toInt();
        for (const Kind &kind : kKinds) {
            if (kind.type == type && channel.provider.isEmpty()
                && (channel.baseUrl.isEmpty() || type != 1))
                channel.provider = kind.provider;
        }
        const QJsonObject map
            = QJsonDocument::fromJson(object.value(word("model_mapping")).toString().toUtf8())
                  .object();
        for (auto it = map.begin(); it != map.end(); ++it)
            channel.modelMap.emplace_back(it.key().toUtf8(), it.value().toString().toUtf8());
        channel.priority = std::clamp(object.value(word("priority")).toInt(), -1'000, 1'000);
        channel.weight = std::clamp(object.value(word("weight")).toInt(1), 1, 1'000);
    }
    add(std::move(channel));
    return true;
}

void Reader::readValue(const QJsonValue &value, const QString &name, int depth)
{
    if (depth > kDeepest)
        return;
    for (const QJsonValue one : value.toArray())
        readValue(one, name, depth + 1);
    if (!value.isObject())
        return;
    const QJsonObject object = value.toObject();
    std::map<QString, QString> variables;
    for (auto it = object.begin(); it != object.end(); ++it) {
        static const QRegularExpression variable(word("^[A-Z][A-Z0-9_]*_(KEY|TOKEN|URL|BASE)$"));
        if (it.value().isString() && variable.match(it.key()).hasMatch())
            variables[it.key()] = it.value().toString();
    }
    if (!variables.empty()) {
        readVariables(variables, word("json"), name);
        return;
    }
    if (readObject(object, name))
        return;
    const QString own = firstOf(object, {"name", "title"});
    for (auto it = object.begin(); it != object.end(); ++it) {
        const bool wrapper = it.key() == u"env" || it.key() == u"settingsConfig"
            || it.key() == u"options" || it.key() == u"data" || it.key() == u"providers";
        readValue(it.value(), wrapper ? (own.isEmpty() ? name : own) : it.key(), depth + 1);
    }
}

// NAME_API_KEY and NAME_BASE_URL belong together by their first words.
void Reader::readVariables(const std::map<QString, QString> &variables, const QString &form,
                           const QString &name)
{
    static const QRegularExpression shape(
        word("^(.*?)_?(API_KEY|AUTH_TOKEN|ACCESS_TOKEN|TOKEN|KEY|BASE_URL|API_BASE|API_URL|URL|"
             "ENDPOINT)$"));
    const std::vector<providers::EnvironmentKey> known = providers::environmentKeys();
    std::map<QString, PastedChannel> accounts;
    for (const auto &[variable, text] : variables) {
        const auto match = shape.match(variable);
        if (!match.hasMatch())
            continue;
        PastedChannel &account = accounts[match.captured(1)];
        account.form = form;
        account.name = name;
        if (isUrl(text)) {
            account.baseUrl = text.toUtf8();
        } else if (looksLikeKey(text)) {
            account.keys.append(text.toUtf8());
            for (const providers::EnvironmentKey &one : known) {
                if (QString::fromLatin1(one.variable) == variable)
                    account.provider = one.provider;
            }
        }
    }
    for (auto &[prefix, account] : accounts) {
        // Their own variable, and somebody else's address: what speaks there is that dialect.
        const QByteArray byUrl = providerOfUrl(account.baseUrl, m_providers);
        if (!byUrl.isEmpty())
            account.provider = byUrl;
        else if (!account.baseUrl.isEmpty() && account.provider == "openai")
            account.provider = "openai-compatible";
        add(std::move(account));
    }
}

void Reader::readCurl(const QString &text)
{
    static const QRegularExpression url(word("https?://[^\\s'\"\\\\]+"));
    static const QRegularExpression header(
        word("(?:authorization:\\s*bearer|x-api-key:|api-key:|x-goog-api-key:)\\s*"
             "([^\\s'\"\\\\]+)"),
        QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression model(word("\"model\"\\s*:\\s*\"([^\"]+)\""));
    PastedChannel channel;
    channel.form = word("curl");
    const QString address = url.match(text).captured();
    if (address.isEmpty())
        return;
    channel.baseUrl = address.section(u'?', 0, 0).toUtf8();
    if (const auto parsed = providers::parseBaseUrl(channel.baseUrl))
        channel.baseUrl = parsed->origin + parsed->path;
    QString key = header.match(text).captured(1);
    if (key.isEmpty())
        key = QUrlQuery(QUrl(address)).queryItemValue(word("key"));
    if (looksLikeKey(key))
        channel.keys = {key.toUtf8()};
    if (const QString asked = model.match(text).captured(1); !asked.isEmpty())
        channel.models = {asked.toUtf8()};
    if (providerOfUrl(channel.baseUrl, m_providers).isEmpty()
        && text.contains(word("x-api-key"), Qt::CaseInsensitive))
        channel.provider = "anthropic";
    add(std::move(channel));
}

// A list of flat entries, as LiteLLM's configuration has them; no more of YAML than that.
void Reader::readYaml(const QString &text)
{
    static const QRegularExpression line(word("^\\s*(-\\s+)?([A-Za-z_]+):\\s*(.*?)\\s*$"));
    QJsonObject entry;
    const auto close = [&] {
        if (!entry.isEmpty())
            std::ignore = readObject({{word("model_name"), entry.value(word("model_name"))},
                                      {word("litellm_params"), entry}},
                                     {});
        entry = {};
    };
    for (const QString &one : text.split(u'\n')) {
        const auto match = line.match(one);
        if (!match.hasMatch())
            continue;
        if (match.captured(2) == u"model_name")
            close();
        QString value = match.captured(3);
        if (value.size() > 1 && (value.startsWith(u'"') || value.startsWith(u'\'')))
            value = value.mid(1, value.size() - 2);
        entry.insert(match.captured(2), value);
    }
    close();
    for (PastedChannel &channel : m_found)
        channel.form = word("yaml");
}

void Reader::readLoose(const QString &text)
{
    static const QRegularExpression url(word("https?://[^\\s'\"<>,;]+"));
    static const QRegularExpression gap(word("[\\s'\"<>,;]+"));
    PastedChannel channel;
    channel.form = word("text");
    if (const QString address = url.match(text).captured(); !address.isEmpty())
        channel.baseUrl = address.toUtf8();
    for (const QString &piece : text.split(gap, Qt::SkipEmptyParts)) {
        const bool shaped = !providerOfKey(piece.toUtf8()).isEmpty()
            || piece.startsWith(word("sk-"))
            || (piece.size() >= 24 && !piece.contains(u'/') && !piece.contains(u':'));
        if (shaped && looksLikeKey(piece) && !channel.keys.contains(piece.toUtf8()))
            channel.keys.append(piece.toUtf8());
    }
    add(std::move(channel));
}

std::map<QString, QString> variablesIn(const QString &text)
{
    static const QRegularExpression assignment(
        word("^\\s*(?:export\\s+|set\\s+(?:-\\w+\\s+)?|setx\\s+|\\$env:)?"
             "([A-Za-z][A-Za-z0-9_]*)\\s*(?:=|\\s)\\s*[\"']?([^\"'\\s]+)[\"']?\\s*;?\\s*$"),
        QRegularExpression::MultilineOption);
    std::map<QString, QString> variables;
    for (auto it = assignment.globalMatch(text); it.hasNext();) {
        const auto match = it.next();
        variables[match.captured(1)] = match.captured(2);
    }
    return variables;
}

// The first JSON value in the text, which may stand between other words.
QJsonValue jsonIn(const QString &text)
{
    const QByteArray bytes = text.toUtf8();
    const auto whole = QJsonDocument::fromJson(bytes);
    if (whole.isObject())
        return whole.object();
    if (whole.isArray())
        return whole.array();
    const qsizetype open = bytes.indexOf('{');
    const qsizetype close = bytes.lastIndexOf('}');
    if (open >= 0 && close > open)
        return QJsonDocument::fromJson(bytes.sliced(open, close - open + 1)).object();
    return {};
}

} // namespace

QByteArray providerOfKey(QByteArrayView key)
{
    QByteArray best;
    qsizetype longest = 0;
    for (const KeyShape &shape : kKeyShapes) {
        const QByteArrayView prefix(shape.prefix);
        if (prefix.size() > longest && key.startsWith(prefix)) {
            best = shape.provider;
            longest = prefix.size();
        }
    }
    return best;
}

QByteArray providerOfUrl(QByteArrayView url, const relay::Providers &providers)
{
    const QByteArray origin = providers::originOf(url);
    if (origin.isEmpty())
        return {};
    const QByteArray path = QUrl(QString::fromUtf8(url)).path().toUtf8();
    QByteArray found;
    qsizetype shared = -1;
    for (const auto &provider : providers.all()) {
        const QByteArray own = provider->defaultBaseUrl();
        if (own.isEmpty() || providers::originOf(own) != origin)
            continue;
        // Of several at one host, the one with most of the path in common.
        const QByteArray ownPath = QUrl(QString::fromUtf8(own)).path().toUtf8();
        const qsizetype fits = path.startsWith(ownPath) ? ownPath.size() : 0;
        if (fits > shared) {
            shared = fits;
            found = provider->id();
        }
    }
    return found;
}

std::vector<PastedChannel> readPasted(const QString &text, const relay::Providers &providers)
{
    Reader reader(providers);
    const QString trimmed = text.trimmed();
    if (trimmed.contains(word("ccswitch://"))) {
        reader.readLink(trimmed);
        return reader.take();
    }
    if (trimmed.startsWith(word("curl ")) || trimmed.contains(word("\ncurl "))) {
        reader.readCurl(trimmed);
        return reader.take();
    }
    if (const QJsonValue json = jsonIn(trimmed); json.isObject() || json.isArray())
        reader.readValue(json, {}, 0);
    else if (trimmed.contains(word("model_list:")))
        reader.readYaml(trimmed);
    else
        reader.readVariables(variablesIn(trimmed), word("env"));
    std::vector<PastedChannel> found = reader.take();
    if (!found.empty())
        return found;
    reader.readLoose(trimmed);
    return reader.take();
}

} // namespace tollgate::admin
