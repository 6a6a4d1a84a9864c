// SPDX-License-Identifier: GPL-3.0-or-later
// How many input tokens a body can cost at most, without a tokenizer: what a reservation stands on.
#pragma once

#include "core/protocol/jsonreader.h"
#include "core/protocol/peek.h"

namespace tollgate::protocol {

// Sets inputTokensCeiling, and inputElsewhere where it is not set yet.
//
// The rule: tokenizers of all vendors work on bytes, so a token covers at least one byte of what
// the vendor renders, and it renders nothing that is not in the body but a preamble for tools and
// separators, for which a constant is added. So: one token a byte of the body, whitespace between
// values and what escapes add not counted. Base64 media counts by what a picture, a second of sound
// or a page can cost, not by its bytes. What only stands as a URL or an id counts as one picture
// and sets inputElsewhere.
void boundInput(const Endpoint &endpoint, QByteArrayView body, const JsonTally &tally, Peek &peek);

} // namespace tollgate::protocol
