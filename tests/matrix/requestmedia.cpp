// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/matrix/requestmedia.h"

#include "core/conversation/media.h"

#include <algorithm>

namespace tollgate::test {

using namespace conversation;

void eachMedia(Request &request, const std::function<void(Media &)> &change)
{
    eachOf<Media>(request, change);
    eachOf<ToolResult>(request, [&](ToolResult &result) {
        for (auto &piece : result.parts) {
            if (auto *media = std::get_if<Media>(&piece))
                change(*media);
        }
    });
}

void detail(Request &request, Dialect)
{
    eachMedia(request, [](Media &media) { media.detail.clear(); });
}

void fileNames(Request &request, Dialect)
{
    eachMedia(request, [](Media &media) {
        media.filename.clear();
        media.title.clear();
    });
}

void fileContext(Request &request, Dialect)
{
    eachMedia(request, [](Media &media) { media.context.clear(); });
}

void media(Request &request, Dialect)
{
    remove<Media>(request, [](const Media &) { return true; });
}

void mediaTypes(Request &request, Dialect)
{
    eachMedia(request, [](Media &media) {
        media.owner = Dialect::Chat;
        if (media.source == Media::Source::Base64 && media.mime.isEmpty())
            media.mime = sniffMime(media.data);
        if (media.source == Media::Source::Url)
            media.mime.clear();
    });
}

// 13.6: a text that was sent as a file is a text.
void textFiles(Request &request, Dialect vendor)
{
    eachPart(request, [&](Part &part) {
        auto *media = std::get_if<Media>(&part.body);
        if (!media || media->kind != Media::Kind::Document)
            return;
        const bool base64 = media->source == Media::Source::Base64
            && (media->mime.startsWith("text/") || media->mime == "application/json");
        if (base64) {
            media->data = QByteArray::fromBase64(media->data);
            media->source = Media::Source::PlainText;
            media->mime.clear();
        }
        if (media->source != Media::Source::PlainText)
            return;
        media->mime.clear();
        if (vendor == Dialect::Messages)
            return;
        QByteArray text = media->data;
        const QByteArray &title = media->title.isEmpty() ? media->filename : media->title;
        if (vendor == Dialect::Chat && !title.isEmpty())
            text.prepend(title + ":\n");
        part.body = Text{std::move(text), {}};
    });
}

// Media of results stand beside them where no result holds any.
void resultMedia(Request &request, Dialect)
{
    for (Message &message : request.messages) {
        std::vector<Part> beside;
        for (Part &part : message.parts) {
            auto *result = std::get_if<ToolResult>(&part.body);
            if (!result)
                continue;
            for (auto &piece : result->parts) {
                if (auto *shown = std::get_if<Media>(&piece))
                    beside.push_back({std::move(*shown)});
                else
                    std::get<Text>(piece).text.replace("[a picture or file, in the next message]",
                                                       "");
            }
            std::erase_if(result->parts,
                          [](const auto &piece) { return std::holds_alternative<Media>(piece); });
        }
        const auto behind
            = std::find_if(message.parts.begin(), message.parts.end(), [](const Part &part) {
                  return !std::holds_alternative<ToolResult>(part.body);
              });
        message.parts.insert(behind, std::make_move_iterator(beside.begin()),
                             std::make_move_iterator(beside.end()));
    }
}

void mediaLast(Request &request, Dialect)
{
    for (Message &message : request.messages) {
        std::stable_partition(message.parts.begin(), message.parts.end(), [](const Part &part) {
            return !std::holds_alternative<Media>(part.body);
        });
    }
}

void autoDetail(Request &request, Dialect)
{
    eachMedia(request, [](Media &media) {
        if (media.detail == "auto")
            media.detail.clear();
    });
}

// Some members want a file's name where the client gave none.
void madeNames(Request &asked, Request &told, Dialect)
{
    int given = 0;
    eachMedia(asked, [&](Media &media) {
        if (media.title.isEmpty())
            std::swap(media.title, media.filename);
        media.filename.clear();
        given += media.title.isEmpty() ? 0 : 1;
    });
    eachMedia(told, [&](Media &media) {
        if (media.title.isEmpty())
            std::swap(media.title, media.filename);
        media.filename.clear();
        if (given == 0)
            media.title.clear();
    });
}

} // namespace tollgate::test
