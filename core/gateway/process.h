// SPDX-License-Identifier: GPL-3.0-or-later
// What the gateway wants of its process: descriptors for its connections, and memory that goes back
// to the system. Each call does nothing where the platform offers no such thing.
#pragma once

namespace tollgate::gateway {

// First in a program, before other threads: as many open files as the system lets us have, and an
// allocator that does not grow and shrink with every request.
void prepareProcess();
// `wanted` client connections, or as many as the process has descriptors for: each may need one
// more towards its provider.
[[nodiscard]] int connectionsThatFit(int wanted);
// After start-up: what only start-up needed goes back to the system.
void giveBackMemory();

} // namespace tollgate::gateway
