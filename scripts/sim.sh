#!/usr/bin/env bash
# The core in virtual time, optimised and with all its assertions: SIM_SCHEDULES schedules, or the one of SIM_SEED; then the
# gate against the simulator's three ways of counting.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo=${CARGO:-cargo}
export SIM_SCHEDULES=${SIM_SCHEDULES:-1000000}

"$cargo" test --quiet --locked --profile sim --package connector-actors --lib -- \
    --nocapture simulation::no_schedule_breaks_a_promise
if [ -z "${SIM_SEED:-}" ]; then
    "$cargo" test --quiet --locked --profile sim --package connector-actors --lib -- --nocapture \
        callers_of_a_cold_user whose_leases_end_together a_storm
    "$cargo" test --quiet --locked --package m365-loadtest --test limits -- --nocapture
    "$cargo" test --quiet --locked --package m365-connector --lib -- --nocapture a_storm_of_errors
fi
