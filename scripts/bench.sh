#!/usr/bin/env bash
# The connector's warm call against a bare pass-through, built as a release is, one run, one machine.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/profiled.sh m365-loadtest
exec "${CARGO_TARGET_DIR:-target}/release/m365-loadtest" bench "$@"
