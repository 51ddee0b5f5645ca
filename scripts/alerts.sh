#!/usr/bin/env bash
# Holds the alerts and recording rules against promtool: are they valid, and does each fire when it should and no sooner?
set -euo pipefail
cd "$(dirname "$0")/../observability/alerts"
promtool check rules ./*.yaml
promtool test rules tests/*.yaml
