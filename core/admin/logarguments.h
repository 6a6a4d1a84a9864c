// SPDX-License-Identifier: GPL-3.0-or-later
// Arguments that the calls about the log and about usage have in common.
#pragma once

#include "core/admin/fields.h"
#include "core/admin/logfilter.h"
#include "core/store/requests.h"

#include <QTimeZone>

namespace tollgate::admin {

// "zone", an IANA name; the system's own where there is none.
[[nodiscard]] QTimeZone takeZone(Fields &fields);
// "filter"; what is wrong with it stands in the result.
[[nodiscard]] ParsedFilter takeFilter(Fields &fields, std::int64_t nowUs, const QTimeZone &zone);
// {at, length, message, hint}
[[nodiscard]] QJsonObject faultJson(const FilterFault &fault);
[[nodiscard]] QString cursorText(const store::PageKey &key);
[[nodiscard]] std::optional<store::PageKey> takeCursor(Fields &fields, const char *name);

} // namespace tollgate::admin
