// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/rows.h"

namespace tollgate::providers {

const std::vector<Row> &openAiRows()
{
    static const std::vector<Row> all = [] {
        std::vector<Row> rows;
        for (const std::span<const Row> group :
             {globalRows(), chinaRows(), resellerRows(), localRows()})
            rows.insert(rows.end(), group.begin(), group.end());
        return rows;
    }();
    return all;
}

} // namespace tollgate::providers
