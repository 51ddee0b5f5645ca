#!/usr/bin/env bash
# Finds dependencies that nothing uses. The finder is pinned and kept below target/, so that the second run is quick.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.9.2
tools="${CARGO_TARGET_DIR:-target}/tools/cargo-machete-$version"
if [ ! -x "$tools/bin/cargo-machete" ]; then
    env -u CARGO_TARGET_DIR cargo install --quiet --locked --root "$tools" "cargo-machete@$version"
fi
"$tools/bin/cargo-machete" --skip-target-dir .
