// SPDX-License-Identifier: GPL-3.0-or-later
// How pictures, sound and files of a request may differ once a vendor has read it; see
// requestlosses.h.
#pragma once

#include "core/conversation/request.h"

#include <functional>

namespace tollgate::test {

using conversation::Dialect;
using conversation::Media;
using conversation::Part;
using conversation::Request;

inline void eachPart(Request &request, const std::function<void(Part &)> &change)
{
    for (conversation::Message &message : request.messages) {
        for (Part &part : message.parts)
            change(part);
    }
}

template <class T> void eachOf(Request &request, const std::function<void(T &)> &change)
{
    eachPart(request, [&](Part &part) {
        if (auto *body = std::get_if<T>(&part.body))
            change(*body);
    });
}

template <class T> void remove(Request &request, const std::function<bool(const T &)> &gone)
{
    for (conversation::Message &message : request.messages) {
        std::erase_if(message.parts, [&](const Part &part) {
            const auto *body = std::get_if<T>(&part.body);
            return body && gone(*body);
        });
    }
}

void eachMedia(Request &request, const std::function<void(Media &)> &change);
void detail(Request &request, Dialect);
void fileNames(Request &request, Dialect);
void fileContext(Request &request, Dialect);
void media(Request &request, Dialect);
void mediaTypes(Request &request, Dialect);
void textFiles(Request &request, Dialect vendor);
void resultMedia(Request &request, Dialect);
void mediaLast(Request &request, Dialect);
void autoDetail(Request &request, Dialect);
void madeNames(Request &asked, Request &told, Dialect);

} // namespace tollgate::test
