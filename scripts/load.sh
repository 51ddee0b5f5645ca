#!/usr/bin/env bash
# load.sh SCENARIO SECONDS: users who work with the connector, both it and the simulator in processes of their own.
# LOAD_PROFILE=release for figures of speed; the usual debug build is for figures of behaviour.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${LOAD_PROFILE:-dev}
cargo build --quiet --locked --profile "$profile" --package m365-loadtest
exec "${CARGO_TARGET_DIR:-target}/${profile/dev/debug}/m365-loadtest" load "$@"
