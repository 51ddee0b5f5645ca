#!/usr/bin/env bash
# The connector's warm call against a bare pass-through, in a release build, one run, one machine.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/optimised.sh build --quiet --release --locked --package m365-loadtest
exec "${CARGO_TARGET_DIR:-target}/release/m365-loadtest" bench "$@"
