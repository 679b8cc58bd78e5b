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

# TODO (find-the-bad-commit): a commit on which the command fails cannot be tested.
output=$("$@" 2>&1)
accuracy=$(printf '%s\n' "$output" | sed -n 's/.*accuracy \([0-9][0-9.]*\).*/\1/p' | tail -n 1)
echo "accuracy ${accuracy:-not printed}, wanted $threshold"

# TODO (find-the-bad-commit): 125 without an accuracy, 1 if it is below the threshold, else 0.
exit 0
