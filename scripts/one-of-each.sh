#!/usr/bin/env bash
# One provider of cryptography and TLS in all that is built: is any other in the tree?
set -euo pipefail
cd "$(dirname "$0")/.."

tree=$("${CARGO:-cargo}" tree --quiet --locked --workspace --all-features --edges all --prefix none --format '{p}')
if others=$(grep -E '^(ring|openssl-sys|native-tls) ' <<<"$tree" | sort --unique); then
    printf 'a second provider of cryptography:\n%s\n' "$others" >&2
    exit 1
fi
