// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/steps.h"

namespace tollgate::admin {

Target readTarget(Fields &fields, const char *member)
{
    Target target;
    target.name = fields.requiredText(member, 256);
    target.version = fields.integer("version", 0, kMaxId).value_or(kAnyVersion);
    return target;
}

Error conflict()
{
    Error error;
    error.kind = ErrorKind::Conflict;
    error.code = "version";
    error.message = QStringLiteral("Somebody else has changed this meanwhile; look at it again.");
    return error;
}

} // namespace tollgate::admin
