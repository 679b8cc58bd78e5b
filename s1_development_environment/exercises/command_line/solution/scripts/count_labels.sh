#!/usr/bin/env bash
# Print how often each digit occurs in labels.csv.
# Usage: bash scripts/count_labels.sh
# The folder is data/raw unless the environment variable MAILROOM_DATA names another.
set -euo pipefail

data=${MAILROOM_DATA:-data/raw}

tail -n +2 "$data/labels.csv" | cut -d, -f2 | sort | uniq -c | sort -k1,1nr -k2,2n
