#!/usr/bin/env bash
# Changes the code of token validation and of the header rules bit by bit, and says which changes no test notices.
# What is looked at, by which tests, and what is left out for which reason, stands in .cargo/mutants.toml and in
# .cargo/mutants-over-http.toml. Arguments are those of cargo-mutants, for both. The tool is pinned and kept below target/,
# so that the second run is quicker.
set -euo pipefail
cd "$(dirname "$0")/.."

version=27.1.0
target="${CARGO_TARGET_DIR:-target}"
tools="$target/tools/cargo-mutants-$version"
if [ ! -x "$tools/bin/cargo-mutants" ]; then
    env -u CARGO_TARGET_DIR cargo install --quiet --locked --root "$tools" "cargo-mutants@$version"
fi
mkdir -p "$target/mutants"
target=$(realpath "$target")

survived=0
for config in mutants mutants-over-http; do
    # One target directory for all of them, so that dependencies are built once. Nobody debugs a mutant.
    CARGO_TARGET_DIR="$target/mutants/build" CARGO_PROFILE_DEV_DEBUG=0 nice "$tools/bin/cargo-mutants" mutants \
        --jobs 1 --config ".cargo/$config.toml" --output "$target/mutants/$config" "$@" || survived=1
done
exit "$survived"
