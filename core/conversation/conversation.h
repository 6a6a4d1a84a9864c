// SPDX-License-Identifier: GPL-3.0-or-later
// The canonical conversation: one request, response and stream of events that every dialect is read
// into and written from. Values and pure functions; no I/O.
#pragma once

#include "core/conversation/codec.h"
#include "core/conversation/effort.h"
#include "core/conversation/event.h"
#include "core/conversation/media.h"
#include "core/conversation/request.h"
#include "core/conversation/response.h"
#include "core/conversation/schema.h"
#include "core/conversation/seal.h"
#include "core/conversation/toolpairs.h"
