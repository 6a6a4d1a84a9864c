// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/media.h"

#include "core/conversation/media.h"

#include <algorithm>

namespace tollgate::relay {
namespace {

using conversation::Dialect;
using conversation::Media;

bool startsWith(const QByteArray &url, const char *scheme)
{
    return url.left(qsizetype(qstrlen(scheme))).compare(scheme, Qt::CaseInsensitive) == 0;
}

bool isWebUrl(const QByteArray &url)
{
    return startsWith(url, "https://") || startsWith(url, "http://");
}

// What Google's API resolves by itself for every model: its own uploads, and films.
// https://ai.google.dev/gemini-api/docs/file-input-methods
bool isGooglesOwn(const QByteArray &url)
{
    const QByteArray host = upstream::hostOf(url);
    return host == "generativelanguage.googleapis.com" || host == "youtu.be"
        || host == "youtube.com" || host.endsWith(".youtube.com");
}

// Either the vendor takes the URL, or it takes no such thing at all, so that fetching were in vain.
bool passesAsUrl(const Media &media, Dialect vendor, const conversation::Target &target)
{
    const bool image = media.kind == Media::Kind::Image;
    const bool document = media.kind == Media::Kind::Document;
    switch (vendor) {
    case Dialect::Chat:
        return media.kind == Media::Kind::Video || (image && target.takesImageUrls);
    case Dialect::Messages:
        return target.takesImageUrls || !(image || document);
    case Dialect::Gemini:
        return target.takesImageUrls || isGooglesOwn(media.data);
    case Dialect::Converse:
        return false;
    case Dialect::Ollama:
        return !(image || document);
    case Dialect::Cohere:
        return !document;
    default:
        return true;
    }
}

template <class Request, class Visit> void eachMedia(Request &request, Visit &&visit)
{
    for (auto &message : request.messages) {
        for (auto &part : message.parts) {
            if (auto *media = std::get_if<Media>(&part.body)) {
                visit(*media);
            } else if (auto *result = std::get_if<conversation::ToolResult>(&part.body)) {
                for (auto &piece : result->parts) {
                    if (auto *inner = std::get_if<Media>(&piece))
                        visit(*inner);
                }
            }
        }
    }
}

const char *nameOf(Media::Kind kind)
{
    switch (kind) {
    case Media::Kind::Image:
        return "image";
    case Media::Kind::Audio:
        return "sound";
    case Media::Kind::Video:
        return "video";
    case Media::Kind::Document:
        break;
    }
    return "document";
}

bool isText(QByteArrayView bytes)
{
    return !bytes.contains('\0')
        && QByteArray::fromRawData(bytes.data(), bytes.size()).isValidUtf8();
}

// Containers that hold pictures or none look alike from outside.
QByteArray asKind(const QByteArray &mime, Media::Kind kind)
{
    if (kind == Media::Kind::Audio && (mime == "video/mp4" || mime == "video/webm"))
        return "audio" + mime.mid(5);
    return mime;
}

} // namespace

std::vector<MediaUrl> urlsToFetch(const conversation::Request &request, Dialect vendor,
                                  const conversation::Target &target)
{
    std::vector<MediaUrl> urls;
    eachMedia(request, [&](const Media &media) {
        if (media.source != Media::Source::Url || !isWebUrl(media.data)
            || passesAsUrl(media, vendor, target))
            return;
        const MediaUrl wanted{media.data, media.kind};
        if (std::find(urls.begin(), urls.end(), wanted) == urls.end())
            urls.push_back(wanted);
    });
    return urls;
}

Result<FetchedMedia> mediaFrom(Media::Kind kind, const upstream::FetchedFile &file,
                               const QByteArrayList &types)
{
    const QByteArray head = file.bytes.left(96).toBase64();
    QByteArray mime = asKind(conversation::sniffMime(head), kind);
    if (mime.isEmpty() && kind == Media::Kind::Document && isText(file.bytes))
        mime = file.type.startsWith("text/") ? file.type : QByteArray("text/plain");
    const auto refuse = [&](const QString &what) {
        return failure(ErrorKind::InvalidRequest, what, "media_type");
    };
    if (file.bytes.isEmpty())
        return refuse(QStringLiteral("it is empty"));
    if (mime.isEmpty())
        return refuse(QStringLiteral("what it holds is of no known type"));
    if (conversation::kindOfMime(mime) != kind || !types.contains(mime))
        return refuse(QStringLiteral("it holds %1, which is not fetched here")
                          .arg(QString::fromLatin1(mime)));
    return FetchedMedia{mime, file.bytes.toBase64()};
}

MediaShelf::~MediaShelf()
{
    if (m_inUse)
        m_inUse->fetch_sub(m_held, std::memory_order_relaxed);
}

bool MediaShelf::make(std::int64_t bytes, std::atomic<std::int64_t> &inUse, std::int64_t limit)
{
    // As base64 in the conversation, and again in the body that is sent.
    const std::int64_t wanted = bytes * 8 / 3;
    const std::int64_t more = wanted - m_held;
    if (more <= 0)
        return true;
    if (inUse.fetch_add(more, std::memory_order_relaxed) + more > limit) {
        inUse.fetch_sub(more, std::memory_order_relaxed);
        return false;
    }
    m_inUse = &inUse;
    m_held = wanted;
    return true;
}

void MediaShelf::put(const QByteArray &url, Result<FetchedMedia> media)
{
    m_files.insert_or_assign(url, std::move(media));
}

const Result<FetchedMedia> *MediaShelf::find(const QByteArray &url) const
{
    const auto found = m_files.find(url);
    return found == m_files.end() ? nullptr : &found->second;
}

std::vector<MediaUrl> MediaShelf::missing(const std::vector<MediaUrl> &wanted) const
{
    std::vector<MediaUrl> list;
    std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(list),
                 [this](const MediaUrl &one) { return !find(one.url); });
    return list;
}

Result<std::shared_ptr<const conversation::Request>>
MediaShelf::inlined(const conversation::Request &request, const std::vector<MediaUrl> &wanted) const
{
    for (const MediaUrl &one : wanted) {
        const Result<FetchedMedia> *file = find(one.url);
        if (file && !*file)
            return failure(file->error());
    }
    auto copy = std::make_shared<conversation::Request>(request);
    eachMedia(*copy, [&](Media &media) {
        const bool here = media.source == Media::Source::Url
            && std::find(wanted.begin(), wanted.end(), MediaUrl{media.data, media.kind})
                != wanted.end();
        const Result<FetchedMedia> *file = here ? find(media.data) : nullptr;
        if (!file || !*file)
            return;
        media.source = Media::Source::Base64;
        media.mime = (*file)->mime;
        media.data = (*file)->base64;
    });
    return copy;
}

QByteArray describeFetched(const std::vector<MediaUrl> &urls)
{
    QByteArrayList hosts;
    for (const MediaUrl &one : urls) {
        const QByteArray host = upstream::hostOf(one.url);
        if (!hosts.contains(host))
            hosts.append(host);
    }
    constexpr qsizetype kShown = 5;
    const QByteArray more = hosts.size() > kShown ? " …" : "";
    return QByteArray::number(qsizetype(urls.size())) + (urls.size() == 1 ? " file" : " files")
        + " from " + hosts.mid(0, kShown).join(", ") + more;
}

QString describePart(const std::vector<MediaUrl> &urls, std::size_t index)
{
    const MediaUrl &one = urls[index];
    const QByteArray host = upstream::hostOf(one.url);
    return QStringLiteral("%1 %2 of %3 (%4)")
        .arg(QString::fromLatin1(nameOf(one.kind)))
        .arg(index + 1)
        .arg(urls.size())
        .arg(host.isEmpty() ? QStringLiteral("no host") : QString::fromLatin1(host));
}

} // namespace tollgate::relay
