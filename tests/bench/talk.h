// SPDX-License-Identifier: GPL-3.0-or-later
// What the load says to the provider, in the dialects that it speaks.
#pragma once

#include <cstddef>
#include <string>

namespace bench {

struct Talk
{
    std::string model;
    std::string answer; // what the mock is to answer, in the member that names the user
    std::size_t bytes = 0; // about so long
    bool stream = false;
};

[[nodiscard]] std::string chatBody(const Talk &talk);
[[nodiscard]] std::string messagesBody(const Talk &talk);

} // namespace bench
