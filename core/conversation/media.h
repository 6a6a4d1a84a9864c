// SPDX-License-Identifier: GPL-3.0-or-later
// Small facts about media: data URLs, what a type is called, what bytes look like.
#pragma once

#include "core/conversation/message.h"

namespace tollgate::conversation {

struct DataUrl
{
    QByteArray mime; // lower-case, without parameters; "text/plain" where the URL says none
    QByteArray base64;
};
// nullopt where the text is no base64 data URL.
[[nodiscard]] std::optional<DataUrl> parseDataUrl(QByteArrayView url);
[[nodiscard]] QByteArray dataUrl(QByteArrayView mime, QByteArrayView base64);
// A Base64 source for a data URL, a Url one for anything else.
[[nodiscard]] Media mediaFromUrl(Media::Kind kind, QByteArrayView url);
// From the first bytes: png, jpeg, gif, webp, pdf, wav, mp3, mp4 …; empty: not known.
[[nodiscard]] QByteArray sniffMime(QByteArrayView base64);
[[nodiscard]] Media::Kind kindOfMime(QByteArrayView mime);
[[nodiscard]] QByteArray mimeOfExtension(QByteArrayView nameOrExtension);
[[nodiscard]] QByteArray extensionOfMime(QByteArrayView mime); // "png"; empty: not known

} // namespace tollgate::conversation
