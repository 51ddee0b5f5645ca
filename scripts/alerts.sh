#!/usr/bin/env bash
# Holds the alerts, the recording rules and the configuration of Prometheus against promtool: are they valid, and does each
# alert fire when it should and no sooner?
set -euo pipefail
cd "$(dirname "$0")/../observability/alerts"
promtool check rules ./*.yaml
promtool test rules tests/*.yaml
promtool check config ../collector/prometheus.yaml
