#!/usr/bin/env bash
# Every test that needs cargo alone: with nextest where it is installed, with cargo's own runner where not.
set -euo pipefail
cd "$(dirname "$0")/.."

if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --locked "$@"
    if [[ $# -eq 0 ]]; then
        # An actor that feeds its own mailbox is ended, where it would hold its test for ever.
        cargo nextest run --package connector-actors --features mailbox-assert --locked --lib
    fi
else
    cargo test --workspace --locked --lib --bins --tests --examples "$@"
    if [[ $# -eq 0 ]]; then
        cargo test --package connector-actors --features mailbox-assert --locked --lib
    fi
fi
cargo test --workspace --locked --doc
