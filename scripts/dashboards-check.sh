#!/usr/bin/env bash
# dashboards-check.sh SECONDS [PICTURES]: a real Prometheus looks at the connector under mixed load, and every query of
# every dashboard and every rule is asked of it. With PICTURES, a directory, every dashboard is drawn into it as PNG
# (needs Chromium), and which dashboards they show stands beside them.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=$1
pictures=${2:-}
cargo build --quiet --locked --package m365-loadtest
load=${CARGO_TARGET_DIR:-target}/debug/m365-loadtest
if [ -z "$pictures" ]; then
    exec "$load" dashboards "$seconds"
fi
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
"$load" dashboards "$seconds" "$pages"
mkdir -p "$pictures"
browser=(chromium --headless --no-sandbox --disable-gpu --hide-scrollbars)
for page in "$pages"/*.html; do
    name=$(basename "$page" .html)
    height=$("${browser[@]}" --dump-dom "file://$page" 2>/dev/null | sed -n 's|.*<title>\([0-9]*\)</title>.*|\1|p')
    "${browser[@]}" --window-size="1400,$height" --screenshot="$pictures/$name.png" "file://$page" 2>/dev/null
done
# Last of all: it says that every picture is there.
cp "$pages/drawn-from.sha256" "$pictures/"
