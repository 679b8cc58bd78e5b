#!/usr/bin/env bash
# Check that every line of labels.csv is a four-digit scan number and one digit. Wrong lines go to standard error.
set -euo pipefail

data=${MAILROOM_DATA:-data/raw}

sleep 1 # stands for the minutes that a check of a million labels takes
awk -F, 'NR > 1 && !/^[0-9][0-9][0-9][0-9],[0-9]$/ { print; wrong = 1 } END { exit wrong }' "$data/labels.csv" >&2
echo "labels: ok"
