#!/usr/bin/env bash
# Fuzzes the readers of tokens, messages and Graph's bodies, FUZZ_SECONDS (60) each, beginning at tests/corpus. What is found is
# written below target/fuzz/found; a file from there that broke a rule belongs into tests/corpus once it is mended.
#
# Coverage comes from the compiler's own instrumentation, which the stable toolchain has as well. The explicit target
# keeps it out of build scripts and macros.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds="${FUZZ_SECONDS:-60}"
host="$(rustc -vV | sed -n 's/^host: //p')"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/fuzz"
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
export RUSTFLAGS="-Cpasses=sancov-module -Cdebug-assertions -Coverflow-checks \
-Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"

nice cargo build --quiet --release --locked --target "$host" --package m365-fuzz --features libfuzzer \
    --bin fuzz-token --bin fuzz-envelope --bin fuzz-body
for target in token envelope body; do
    found="$CARGO_TARGET_DIR/found/$target"
    mkdir -p "$found/corpus"
    echo "== $target, $seconds seconds"
    log="$found/log"
    if ! nice "$CARGO_TARGET_DIR/$host/release/fuzz-$target" -max_total_time="$seconds" -max_len=20000 -timeout=10 \
        -rss_limit_mb=1024 -verbosity=0 -print_final_stats=1 -artifact_prefix="$found/" \
        "$found/corpus" "tests/corpus/$target" >"$log" 2>&1; then
        tail -n 40 "$log"
        exit 1
    fi
    grep '^stat::' "$log"
done
