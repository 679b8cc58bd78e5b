#!/usr/bin/env bash
# Run both checks at the same time; succeed only if both succeed.
# Usage: bash scripts/check_all.sh
set -euo pipefail

bash scripts/check_labels.sh &
labels_pid=$!
bash scripts/check_scans.sh &
scans_pid=$!

status=0
wait "$labels_pid" || status=1
wait "$scans_pid" || status=1
exit "$status"
