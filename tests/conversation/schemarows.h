// SPDX-License-Identifier: GPL-3.0-or-later
// What schemas become, row by row. Beside the test, since moc 6.4 loses itself in raw strings.
#pragma once

#include "core/conversation/schema.h"

#include <span>

namespace tollgate::test {

struct SchemaRow
{
    const char *name;
    conversation::SchemaFlavour flavour;
    const char *schema;
    const char *expected;
};

[[nodiscard]] std::span<const SchemaRow> schemaRows();

// Definitions that each use the next twice.
[[nodiscard]] QByteArray doublingReferences(int levels);
// Definitions that each are a list of the next.
[[nodiscard]] QByteArray chainOfReferences(int length);
[[nodiscard]] QByteArray manyProperties(int count);

} // namespace tollgate::test
