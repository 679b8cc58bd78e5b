#!/usr/bin/env bash
# Write the number of scans per digit to a report.
# Usage: bash scripts/make_report.sh LABELS REPORT

# TODO (fail-fast): stop at the first failure.

labels=$1
report=$2

# TODO (fail-fast): touch the old report only once the new one is complete.
tail -n +2 "$labels" | cut -d, -f2 | sort | uniq -c > "$report"
echo "$report written"
