#!/usr/bin/env bash
# Changes the code of token validation and of the header rules bit by bit, and says which changes no test notices.
# What is looked at, and what is left out for which reason, stands in .cargo/mutants.toml. The tool is pinned and kept
# below target/, so that the second run is quicker.
set -euo pipefail
cd "$(dirname "$0")/.."

version=27.1.0
target="${CARGO_TARGET_DIR:-target}"
tools="$target/tools/cargo-mutants-$version"
if [ ! -x "$tools/bin/cargo-mutants" ]; then
    env -u CARGO_TARGET_DIR cargo install --quiet --locked --root "$tools" "cargo-mutants@$version"
fi
mkdir -p "$target/mutants"
# One target directory for all of them, so that dependencies are built once.
CARGO_TARGET_DIR="$(realpath "$target")/mutants/build" \
    nice "$tools/bin/cargo-mutants" mutants --jobs 1 --output "$target/mutants" "$@"
