// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP out: sends one request to one provider and hands the answer on as it arrives, with bounded
// memory, exact failures and never a second send. Readers for the streams providers speak.
#pragma once

#include "core/upstream/client.h"
#include "core/upstream/exchange.h"
#include "core/upstream/filefetch.h"
#include "core/upstream/ndjsonreader.h"
#include "core/upstream/ssereader.h"
