// SPDX-License-Identifier: GPL-3.0-or-later
// What the fuzz targets share: a claim that ends the program where it does not hold, time that
// grows with its input, and bigger inputs made from small ones.
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

#include <functional>

namespace tollgate::fuzz {

void claim(bool holds, const char *what, QByteArrayView details = {});
// `wrong` is empty, or says what is.
void claimRight(const QString &wrong, const char *what, QByteArrayView details = {});

// A number that the input decides and that looks like chance.
[[nodiscard]] std::uint32_t chanceOf(QByteArrayView input);

// Claims that four times the input costs no more than about four times the processor's time:
// `work` is done on an input of about so many bytes.
void claimLinear(const char *what, const std::function<void(qsizetype bytes)> &work);

// The JSON text with one of its lists, objects or texts, picked by `chance`, repeated until it has
// about so many bytes; empty where nothing can be repeated.
[[nodiscard]] QByteArray grownJson(QByteArrayView json, qsizetype bytes, std::uint32_t chance);

} // namespace tollgate::fuzz
