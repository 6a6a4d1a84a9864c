// SPDX-License-Identifier: GPL-3.0-or-later
// How a vendor looks on screens: a tile with its initials in its colour, and what people have of it
// before they add it.
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

#include <vector>

namespace tollgate::providers {

struct Tile
{
    QString initials;
    unsigned colour = 0; // 0xRRGGBB; white letters are legible on it
    QByteArray environment; // the variable that people keep this vendor's key in; may be empty
    QString keysPage;
};

// Of every vendor that registerAll() knows; of others, made of the id.
[[nodiscard]] Tile tileOf(QByteArrayView provider);

struct EnvironmentKey
{
    QByteArray variable;
    QByteArray provider;
};
// The variables in which keys are kept, each once, with the vendor that it is for.
[[nodiscard]] std::vector<EnvironmentKey> environmentKeys();

} // namespace tollgate::providers
