#!/usr/bin/env bash
# with-prometheus.sh COMMAND…: runs a command that needs Prometheus and promtool (the package `prometheus` of Debian and
# Ubuntu). Where they are missing, CI installs them or fails, and a contributor is told what is skipped.
set -euo pipefail

present() {
    command -v prometheus >/dev/null && command -v promtool >/dev/null
}

if ! present && [ "${CI:-}" = true ]; then
    apt-get update --quiet --quiet
    DEBIAN_FRONTEND=noninteractive apt-get install --quiet --quiet --yes --no-install-recommends prometheus
fi
if present; then
    exec "$@"
fi
if [ "${CI:-}" = true ]; then
    echo "prometheus and promtool are missing, and could not be installed" >&2
    exit 1
fi
printf 'skipped: %s needs prometheus and promtool (apt-get install prometheus)\n' "${1##*/}"
