#!/usr/bin/env bash
# Print one scan as text: . for no or little ink (0-4), + for some (5-10), # for much (11-16).
# Usage: bash scripts/peek.sh SCAN
set -euo pipefail

if [ "$#" -ne 1 ]; then
  echo "usage: bash scripts/peek.sh SCAN" >&2
  exit 2
fi

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
    case $value in
      [0-4]) ink="." ;;
      [5-9] | 10) ink="+" ;;
      1[1-6]) ink="#" ;;
      *)
        printf 'peek: %s: not an ink value: %q\n' "$scan" "$value" >&2
        exit 1
        ;;
    esac
    line="$line$ink"
  done
  printf '%s\n' "$line"
done < "$scan"

if [ "$rows" -eq 0 ]; then
  echo "peek: $scan: no values" >&2
  exit 1
fi
