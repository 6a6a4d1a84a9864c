#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs one fuzz target for TOLLGATE_FUZZ_SECONDS (10; 60 in CI), from the kept corpus. What it finds
# stays in the build folder: new inputs in NAME.found, one that fails in NAME.crash-…
#
#   fuzz.sh PROGRAM NAME            fuzz
#   fuzz.sh PROGRAM NAME --merge    keep what was found and reaches further, in the corpus
set -euo pipefail
program=$1
name=$2
here=$(cd "$(dirname "$0")" && pwd)
found=$(dirname "$program")/$name.found
seconds=10
seed=$RANDOM
if [ "${CI:-}" = true ]; then
    seconds=60
    seed=1 # what fails there fails here
fi
mkdir -p "$found"

if [ "${3:-}" = --merge ]; then
    exec "$program" -merge=1 -max_len=1500 -timeout=10 "$here/corpus/$name" "$found"
fi

# Qt and GLib keep some memory to the end; the corpus is small, so every run begins the same way.
export ASAN_OPTIONS=detect_leaks=0:malloc_context_size=8:quarantine_size_mb=16
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
exec "$program" -seed="$seed" -max_total_time="${TOLLGATE_FUZZ_SECONDS:-$seconds}" -timeout=25 -rss_limit_mb=1024 \
    -malloc_limit_mb=256 -max_len=8192 -dict="$here/json.dict" -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$(dirname "$program")/$name." "$found" "$here/corpus/$name"
