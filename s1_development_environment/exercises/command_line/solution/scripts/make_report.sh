#!/usr/bin/env bash
# Write the number of scans per digit to a report.
# Usage: bash scripts/make_report.sh LABELS REPORT
set -euo pipefail

labels=$1
report=$2

tail -n +2 "$labels" | cut -d, -f2 | sort | uniq -c > "$report.tmp"
mv "$report.tmp" "$report"
echo "$report written"
