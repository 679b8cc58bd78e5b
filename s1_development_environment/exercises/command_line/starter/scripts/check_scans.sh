#!/usr/bin/env bash
# Check that every scan has eight lines.
set -euo pipefail

data=${MAILROOM_DATA:-data/raw}

sleep 1 # stands for the minutes that a check of a million scans takes
for scan in "$data"/scans/*.csv; do
  lines=$(wc -l < "$scan")
  if [ "$lines" -ne 8 ]; then
    echo "check_scans: $scan: expected 8 lines, found $((lines))" >&2
    exit 1
  fi
done
echo "scans: ok"
