#!/usr/bin/env bash
# Print one scan as text: . for no or little ink (0-4), + for some (5-10), # for much (11-16).
# Usage: bash scripts/peek.sh SCAN
set -euo pipefail

# TODO (peek): without exactly one argument, print the usage line to standard error and exit with 2.

scan=$1
rows=0
while IFS=, read -r -a values || [ -n "${values[*]-}" ]; do
  rows=$((rows + 1))
  if [ "${#values[@]}" -ne 8 ]; then
    echo "peek: $scan: line $rows: expected 8 values, found ${#values[@]}" >&2
    exit 1
  fi
  line=""
  for value in "${values[@]}"; do
    # TODO (peek): choose the character; for a value outside 0-16 complain on standard error and exit with 1.
    case $value in
      *) ink="?" ;;
    esac
    line="$line$ink"
  done
  printf '%s\n' "$line"
done < "$scan"

if [ "$rows" -eq 0 ]; then
  echo "peek: $scan: no values" >&2
  exit 1
fi
