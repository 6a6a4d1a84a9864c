// SPDX-License-Identifier: GPL-3.0-or-later
// The ground floor: money, time, ids, errors as values, secrets in memory, header fields, JSON
// writing, coroutines and mail between threads. Knows nothing above it; every room may include it.
#pragma once

#include "core/base/clock.h"
#include "core/base/epolldispatcher.h"
#include "core/base/error.h"
#include "core/base/headers.h"
#include "core/base/jsonwriter.h"
#include "core/base/mailbox.h"
#include "core/base/money.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/base/task.h"
#include "core/base/tokencounts.h"
