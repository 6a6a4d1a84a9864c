// SPDX-License-Identifier: GPL-3.0-or-later
// Files that a request names by URL, for vendors that fetch none themselves: which ones must be
// fetched, what of it is believed, and the request with the files in their place.
#pragma once

#include "core/conversation/codec.h"
#include "core/conversation/request.h"
#include "core/upstream/filefetch.h"

#include <atomic>
#include <map>
#include <memory>
#include <vector>

namespace tollgate::relay {

struct MediaSettings
{
    bool fetch = true;
    int most = 20; // files of one request
    std::int64_t largest = 20 << 20; // bytes of one
    int totalMs = 15'000; // for all of them
    int redirects = 3;
    int concurrency = 16; // of this process
    std::int64_t memory = 256 << 20; // of this process: what fetched files may occupy together
    QByteArrayList localHosts; // "host" or "host:port"
    QByteArrayList types{"image/png",      "image/jpeg", "image/gif",     "image/webp",
                         "audio/wav",      "audio/mpeg", "audio/flac",    "audio/ogg",
                         "audio/mp4",      "audio/aac",  "video/mp4",     "video/webm",
                         "text/plain",     "text/csv",   "text/markdown", "application/pdf",
                         "video/quicktime"};
};

struct MediaUrl
{
    QByteArray url;
    conversation::Media::Kind kind{};
    bool operator==(const MediaUrl &) const = default;
};

// Of a request on its way to a vendor of this dialect; each URL once, in the order of the request.
[[nodiscard]] std::vector<MediaUrl> urlsToFetch(const conversation::Request &request,
                                                conversation::Dialect vendor,
                                                const conversation::Target &target);

struct FetchedMedia
{
    QByteArray mime;
    QByteArray base64;
};
// What the bytes themselves say counts, not what their server calls them; only text has no mark of
// its own. InvalidRequest (media_type): nothing that is wanted here.
[[nodiscard]] Result<FetchedMedia> mediaFrom(conversation::Media::Kind kind,
                                             const upstream::FetchedFile &file,
                                             const QByteArrayList &types);

// The files of one request, fetched once whatever becomes of it.
class MediaShelf
{
public:
    MediaShelf() = default;
    ~MediaShelf();
    MediaShelf(const MediaShelf &) = delete;
    MediaShelf &operator=(const MediaShelf &) = delete;

    // Room for so many bytes in all, out of what the whole process has; false: there is none.
    [[nodiscard]] bool make(std::int64_t bytes, std::atomic<std::int64_t> &inUse,
                            std::int64_t limit);
    void put(const QByteArray &url, Result<FetchedMedia> media);
    [[nodiscard]] const Result<FetchedMedia> *find(const QByteArray &url) const;
    [[nodiscard]] std::size_t size() const { return m_files.size(); }
    // Those of them that are not here yet.
    [[nodiscard]] std::vector<MediaUrl> missing(const std::vector<MediaUrl> &wanted) const;
    // The request with the files in the place of their URLs; the first failure where one failed.
    [[nodiscard]] Result<std::shared_ptr<const conversation::Request>>
    inlined(const conversation::Request &request, const std::vector<MediaUrl> &wanted) const;

private:
    std::map<QByteArray, Result<FetchedMedia>> m_files;
    std::atomic<std::int64_t> *m_inUse = nullptr;
    std::int64_t m_held = 0;
};

// "2 files from a.org, b.org", for the record: hosts and nothing else.
[[nodiscard]] QByteArray describeFetched(const std::vector<MediaUrl> &urls);
// "image 2 of 3 (a.org)", in the words of an error.
[[nodiscard]] QString describePart(const std::vector<MediaUrl> &urls, std::size_t index);

} // namespace tollgate::relay
