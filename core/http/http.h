// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP in: accepts connections, admits only complete and canonical HTTP/1.1 requests within limits,
// and writes the answers. Knows nothing of tokens, models or providers.
#pragma once

#include "core/http/handler.h"
#include "core/http/listener.h"
#include "core/http/message.h"
#include "core/http/responsestream.h"
