// SPDX-License-Identifier: GPL-3.0-or-later
// Recorded provider traffic as the tests of this room need it: an endpoint and the bytes of one
// answer. Where the recordings lie is told by TOLLGATE_FIXTURES.
#pragma once

#include "core/protocol/endpoint.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace tollgate::test {

struct Recorded
{
    QString file; // with the number of the exchange in it
    protocol::Endpoint endpoint;
    int status = 200;
    bool stream = false; // body is SSE, or Gemini's array
    QByteArray request; // may be empty
    QByteArray body;
};

// Empty where TOLLGATE_FIXTURES is not set.
[[nodiscard]] QString fixtureFolder();
// Every answer in one of the dialects of this room.
[[nodiscard]] std::vector<Recorded> allRecorded();

} // namespace tollgate::test
