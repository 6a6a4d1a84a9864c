// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/endpoint.h"

#include "core/protocol/keptcall.h"

#include <QByteArrayList>
#include <QString>

#include <algorithm>
#include <array>

namespace tollgate::protocol {
namespace {

constexpr qsizetype kLongestModel = 256;

struct Fixed
{
    QByteArrayView path; // behind the version
    Operation operation;
    Dialect dialect;
};

constexpr std::array kPosts{
    Fixed{"chat/completions", Operation::Generate, Dialect::Chat},
    Fixed{"completions", Operation::Generate, Dialect::Completions},
    Fixed{"embeddings", Operation::Embed, Dialect::Embeddings},
    Fixed{"responses", Operation::Generate, Dialect::Responses},
    Fixed{"messages", Operation::Generate, Dialect::Messages},
    Fixed{"messages/count_tokens", Operation::CountTokens, Dialect::Messages},
    Fixed{"api/chat", Operation::Generate, Dialect::Ollama},
    Fixed{"api/generate", Operation::Generate, Dialect::Ollama},
    Fixed{"api/embed", Operation::Embed, Dialect::Ollama},
    Fixed{"api/embeddings", Operation::Embed, Dialect::Ollama},
    Fixed{"api/show", Operation::ShowModel, Dialect::Ollama},
};

// What goes on as it is: the vendor is asked at the same path.
constexpr std::array kAlike{
    Fixed{"responses/compact", Operation::Compact, Dialect::Responses},
    Fixed{"responses/input_tokens", Operation::CountTokens, Dialect::Responses},
    Fixed{"images/generations", Operation::Image, Dialect::Chat},
    Fixed{"images/edits", Operation::Image, Dialect::Chat},
    Fixed{"images/variations", Operation::Image, Dialect::Chat},
    Fixed{"audio/speech", Operation::Speak, Dialect::Chat},
    Fixed{"audio/transcriptions", Operation::Transcribe, Dialect::Chat},
    Fixed{"audio/translations", Operation::Transcribe, Dialect::Chat},
    Fixed{"moderations", Operation::Moderate, Dialect::Chat},
    Fixed{"rerank", Operation::Rerank, Dialect::Chat},
    Fixed{"v2/rerank", Operation::Rerank, Dialect::Cohere},
};

constexpr std::array kGets{
    Fixed{"api/tags", Operation::ListModels, Dialect::Ollama},
    Fixed{"api/ps", Operation::ListRunning, Dialect::Ollama},
    Fixed{"api/version", Operation::Version, Dialect::Ollama},
};

constexpr QByteArrayView kOllama = "api/";

struct Method
{
    QByteArrayView name;
    Operation operation;
};

constexpr std::array kGeminiMethods{
    Method{"generateContent", Operation::Generate},
    Method{"streamGenerateContent", Operation::Generate},
    Method{"embedContent", Operation::Embed},
    Method{"batchEmbedContents", Operation::Embed},
    Method{"countTokens", Operation::CountTokens},
};

constexpr char kGet[] = "GET, HEAD";
constexpr char kPost[] = "POST";

bool isVersion(QByteArrayView segment)
{
    return segment == QByteArrayView("v1") || segment == QByteArrayView("v1beta")
        || segment == QByteArrayView("v1alpha");
}

// Takes the version segments off the front; a base URL with a version in it makes two of them.
QByteArrayView stripVersions(QByteArrayView path, QByteArray &version)
{
    // A base URL that ends in a slash, and a client that puts one of its own behind it.
    const auto stripSlash = [&path] {
        if (path.startsWith('/'))
            path = path.sliced(1);
    };
    stripSlash();
    for (int i = 0; i < 2; ++i) {
        const qsizetype slash = path.indexOf('/');
        if (slash < 0 || !isVersion(path.first(slash)))
            break;
        version = path.first(slash).toByteArray();
        path = path.sliced(slash + 1);
        stripSlash();
    }
    return path;
}

std::optional<QByteArray> decodeModel(QByteArrayView encoded)
{
    const auto nibble = [](char c) {
        if (c >= '0' && c <= '9')
            return c - '0';
        const char lower = static_cast<char>(c | 0x20);
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    };
    QByteArray out;
    for (qsizetype i = 0; i < encoded.size(); ++i) {
        char c = encoded[i];
        if (c == '%') {
            const int high = i + 2 < encoded.size() ? nibble(encoded[i + 1]) : -1;
            const int low = i + 2 < encoded.size() ? nibble(encoded[i + 2]) : -1;
            if (high < 0 || low < 0)
                return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            return std::nullopt;
        out.append(c);
    }
    if (out.isEmpty() || out.size() > kLongestModel || !out.isValidUtf8())
        return std::nullopt;
    return out;
}

bool asksForSse(QByteArrayView query)
{
    for (const QByteArray &pair : query.toByteArray().split('&')) {
        if (pair == "alt=sse" || pair == "%24alt=sse" || pair == "$alt=sse")
            return true;
    }
    return false;
}

tl::unexpected<Error> unknownPath()
{
    return failure(ErrorKind::NotFound, QStringLiteral("There is nothing at this path."),
                   "unknown_path");
}

tl::unexpected<Error> wrongMethod(const char *allow)
{
    Error error;
    error.kind = ErrorKind::MethodNotAllowed;
    error.message = QStringLiteral("This path answers %1 only.").arg(QLatin1String(allow));
    error.allow = allow;
    return failure(std::move(error));
}

Result<Endpoint> get(QByteArrayView method, Endpoint endpoint)
{
    if (method != QByteArrayView("GET") && method != QByteArrayView("HEAD"))
        return wrongMethod(kGet);
    return endpoint;
}

Result<Endpoint> post(QByteArrayView method, Endpoint endpoint)
{
    if (method != QByteArrayView(kPost))
        return wrongMethod(kPost);
    return endpoint;
}

// "models/M:method" and "tunedModels/T:method". Names may hold ':' and '/'; the method is behind
// the last colon.
std::optional<Endpoint> geminiCall(QByteArrayView rest, const QByteArray &version,
                                   QByteArrayView query)
{
    const bool tuned = rest.startsWith("tunedModels/");
    if (!tuned && !rest.startsWith("models/"))
        return std::nullopt;
    const qsizetype colon = rest.lastIndexOf(':');
    if (colon < 0)
        return std::nullopt;
    const QByteArrayView name = rest.sliced(colon + 1);
    const auto found = std::find_if(kGeminiMethods.begin(), kGeminiMethods.end(),
                                    [&](const Method &method) { return method.name == name; });
    if (found == kGeminiMethods.end())
        return std::nullopt;
    const qsizetype start = tuned ? 0 : 7;
    auto model = decodeModel(rest.sliced(start, colon - start));
    if (!model)
        return std::nullopt;
    Endpoint endpoint;
    endpoint.operation = found->operation;
    endpoint.dialect = Dialect::Gemini;
    endpoint.model = std::move(*model);
    endpoint.geminiMethod = name.toByteArray();
    endpoint.geminiVersion = version.isEmpty() ? QByteArrayLiteral("v1beta") : version;
    endpoint.stream = name == QByteArrayView("streamGenerateContent");
    endpoint.sse = !endpoint.stream || asksForSse(query);
    return endpoint;
}

Endpoint plain(Operation operation, Dialect dialect)
{
    Endpoint endpoint;
    endpoint.operation = operation;
    endpoint.dialect = dialect;
    return endpoint;
}

} // namespace

Result<Endpoint> findEndpoint(QByteArrayView method, QByteArrayView path, QByteArrayView query,
                              bool upgrade)
{
    if (!path.startsWith('/'))
        return unknownPath();
    QByteArrayView rest = path.sliced(1);
    if (rest.endsWith('/'))
        rest.chop(1);
    if (path == QByteArrayView("/"))
        return get(method, plain(Operation::Greeting, Dialect::Ollama));
    if (rest == QByteArrayView("healthz"))
        return get(method, plain(Operation::Health, Dialect::Chat));
    if (rest == QByteArrayView("metrics"))
        return get(method, plain(Operation::Metrics, Dialect::Chat));

    QByteArray version;
    rest = stripVersions(rest, version);
    const bool asksGet = method == QByteArrayView("GET") || method == QByteArrayView("HEAD");
    if (rest == QByteArrayView("responses") && upgrade && method == QByteArrayView("GET"))
        return plain(Operation::ResponsesSocket, Dialect::Responses);
    for (const Fixed &fixed : kPosts) {
        if (rest != fixed.path)
            continue;
        Endpoint endpoint = plain(fixed.operation, fixed.dialect);
        if (fixed.dialect == Dialect::Ollama)
            endpoint.ollamaMethod = rest.sliced(kOllama.size()).toByteArray();
        return post(method, std::move(endpoint));
    }
    for (const Fixed &fixed : kAlike) {
        if (rest != fixed.path)
            continue;
        Endpoint endpoint = plain(fixed.operation, fixed.dialect);
        endpoint.path = rest.toByteArray();
        return post(method, std::move(endpoint));
    }
    for (const Fixed &fixed : kGets) {
        if (rest == fixed.path)
            return get(method, plain(fixed.operation, fixed.dialect));
    }
    if (version.isEmpty() || version == "v1") {
        if (const auto kept = keptCall(method, rest)) {
            if (!*kept)
                return failure(kept->error());
            Endpoint endpoint = plain(Operation::Kept, (*kept)->dialect);
            endpoint.path = rest.toByteArray();
            return endpoint;
        }
    }
    // A GET of such a path asks for a model whose name ends like a method.
    if (const auto call = geminiCall(rest, version, query); call && !asksGet)
        return post(method, *call);

    const bool gemini = version == "v1beta" || version == "v1alpha";
    Endpoint endpoint = plain(Operation::ListModels, gemini ? Dialect::Gemini : Dialect::Chat);
    endpoint.geminiVersion = gemini ? version : QByteArray();
    if (rest == QByteArrayView("models"))
        return get(method, std::move(endpoint));
    if (rest.startsWith("models/")) {
        auto model = decodeModel(rest.sliced(7));
        if (!model)
            return unknownPath();
        endpoint.operation = Operation::GetModel;
        endpoint.model = std::move(*model);
        // A POST here is a Gemini method that we do not know.
        if (!asksGet && rest.contains(':'))
            return unknownPath();
        return get(method, std::move(endpoint));
    }
    return unknownPath();
}

Dialect dialectOfPath(QByteArrayView path)
{
    // All of Ollama's paths have two segments but for those of blobs, which nobody sends here.
    if (path.startsWith("/api/") && path.sliced(5).indexOf('/') < 0)
        return Dialect::Ollama;
    if (path.contains("/v1beta") || path.contains("/v1alpha") || path.contains(":generateContent")
        || path.contains(":streamGenerateContent"))
        return Dialect::Gemini;
    if (path.contains("/messages"))
        return Dialect::Messages;
    if (path.contains("/responses"))
        return Dialect::Responses;
    if (path.contains("/embeddings"))
        return Dialect::Embeddings;
    if (path.contains("/completions") && !path.contains("/chat/"))
        return Dialect::Completions;
    return Dialect::Chat;
}

} // namespace tollgate::protocol
