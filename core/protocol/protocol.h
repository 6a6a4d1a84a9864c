// SPDX-License-Identifier: GPL-3.0-or-later
// What the dialects say, as pure functions from bytes to values: endpoints, request peeks and
// edits, answer and stream metering, errors, model lists. No I/O, no vendor's name beyond its
// dialect.
#pragma once

#include "core/protocol/endpoint.h"
#include "core/protocol/errors.h"
#include "core/protocol/meter.h"
#include "core/protocol/models.h"
#include "core/protocol/peek.h"
