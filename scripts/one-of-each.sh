#!/usr/bin/env bash
# One provider of cryptography and TLS in all that is built: is any other in the tree?
set -euo pipefail
cd "$(dirname "$0")/.."

for other in ring openssl-sys native-tls; do
    if found=$("${CARGO:-cargo}" tree --quiet --locked --workspace --all-features --edges all --invert "$other" 2>/dev/null) &&
        [ -n "$found" ]; then
        printf 'a second provider of cryptography:\n%s\n' "$found" >&2
        exit 1
    fi
done
