// SPDX-License-Identifier: GPL-3.0-or-later
// How a request may differ once a vendor of another dialect has read it: one row a difference, with
// its reason. A row with a note counts only where the request's x-tollgate-dropped says so; one
// without is a mapping that means the same to the vendor.
#pragma once

#include "core/conversation/dropped.h"
#include "core/conversation/request.h"

#include <span>

namespace tollgate::test {

using Pair = unsigned; // a set of dialects, one bit each

struct RequestRow
{
    const char *name;
    const char *reason;
    Pair vendors;
    // What is noted, "|" between alternatives; one that ends with ":" stands for all that begin so.
    // nullptr: needs no note.
    const char *note;
    // Changes what the client asked and what the vendor was told until this tells them apart no
    // more.
    void (*apply)(conversation::Request &asked, conversation::Request &told,
                  protocol::Dialect vendor);
};

[[nodiscard]] std::span<const RequestRow> requestRows();

// Empty where the vendor was told all of `asked` or the notes say what not; `used` counts by row.
[[nodiscard]] QString untold(conversation::Request asked, conversation::Request told,
                             protocol::Dialect vendor, const conversation::Dropped &dropped,
                             std::vector<int> &used);

} // namespace tollgate::test
