#!/usr/bin/env bash
# with-tools.sh PACKAGE TOOL[,TOOL…] COMMAND…: runs a command that needs these tools, of a package of Debian and Ubuntu.
# Where they are missing, CI installs them or fails, and a contributor is told what is skipped.
set -euo pipefail

package=$1
IFS=, read -ra tools <<<"$2"
shift 2

present() {
    local tool
    for tool in "${tools[@]}"; do
        command -v "$tool" >/dev/null || return 1
    done
}

if ! present && [ "${CI:-}" = true ]; then
    apt-get update --quiet --quiet || true
    DEBIAN_FRONTEND=noninteractive apt-get install --quiet --quiet --yes --no-install-recommends "$package" || true
fi
if present; then
    exec "$@"
fi
if [ "${CI:-}" = true ]; then
    printf '%s is missing, and could not be installed (package %s)\n' "${tools[*]}" "$package" >&2
    exit 1
fi
printf 'skipped: %s needs %s (apt-get install %s)\n' "${1##*/}" "${tools[*]}" "$package"
