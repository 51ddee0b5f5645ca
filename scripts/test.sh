#!/usr/bin/env bash
# Every test that needs cargo alone: with nextest where it is installed, with cargo's own runner where not.
set -euo pipefail
cd "$(dirname "$0")/.."

if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --locked "$@"
else
    cargo test --workspace --locked --lib --bins --tests --examples "$@"
fi
cargo test --workspace --locked --doc
