#!/usr/bin/env bash
# Clients by strangers, the MCP conformance suite and a receiver of OTLP, against the connector and the simulator. With
# arguments: only those whose names have one of them as a part.
set -euo pipefail
cd "$(dirname "$0")/.."

workshop=$(scripts/interop-install.sh)
cargo build --quiet --locked --package connector-interop
exec "${CARGO_TARGET_DIR:-target}/debug/connector-interop" "$workshop" tests/interop "$@"
