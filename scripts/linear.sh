#!/usr/bin/env bash
# Does reading a message take time that grows no faster than the message? Counted in instructions, by valgrind.
set -euo pipefail
cd "$(dirname "$0")/.."

exec cargo test --quiet --locked --workspace --test bounds -- --ignored --exact \
    four_times_the_message_takes_four_times_the_instructions
