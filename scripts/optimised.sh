#!/usr/bin/env bash
# Runs cargo with these arguments and the flags of optimised builds: on x86-64 for processors that have AVX2 (ADR-0020).
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $(uname -m) == x86_64 ]]; then
    export RUSTFLAGS="${RUSTFLAGS:+$RUSTFLAGS }-C target-cpu=x86-64-v3"
fi
exec "${CARGO:-cargo}" "$@"
