#!/usr/bin/env bash
# usage: git bisect run bash bisect_accuracy.sh THRESHOLD COMMAND [ARGUMENT...]
# Tells git bisect whether the accuracy that COMMAND prints reaches THRESHOLD:
# 0 good, 1 bad, 125 cannot be tested, 128 called wrongly (which stops the search).
set -uo pipefail

if [ "$#" -lt 2 ]; then
  echo "usage: bash bisect_accuracy.sh THRESHOLD COMMAND [ARGUMENT...]" >&2
  exit 128
fi
threshold=$1
shift
export PYTHONDONTWRITEBYTECODE=1 # bytecode of one commit must not be taken for that of the next

if ! type "$1" > /dev/null 2>&1; then
  echo "bisect_accuracy: no command $1" >&2
  exit 128
fi

output=$("$@" 2>&1) || exit 125
accuracy=$(printf '%s\n' "$output" | sed -n 's/.*accuracy \([0-9][0-9.]*\).*/\1/p' | tail -n 1)
echo "accuracy ${accuracy:-not printed}, wanted $threshold"

[ -n "$accuracy" ] || exit 125
awk -v a="$accuracy" -v t="$threshold" 'BEGIN { exit !(a + 0 >= t + 0) }'
