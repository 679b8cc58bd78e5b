#!/usr/bin/env bash
# Print how often each digit occurs in labels.csv.
# Usage: bash scripts/count_labels.sh
set -euo pipefail

# TODO (pass-a-variable): use the folder named by MAILROOM_DATA, or data/raw when there is none.
data=data/raw

# TODO (count-labels): print "count digit" for every digit, most frequent first, equal counts by digit.
cat "$data/labels.csv"
