#!/usr/bin/env bash
# Run both checks at the same time; succeed only if both succeed.
# Usage: bash scripts/check_all.sh
set -euo pipefail

# TODO (two-jobs): start both in the background and remember their process ids.
bash scripts/check_labels.sh
bash scripts/check_scans.sh

# TODO (two-jobs): wait for each of the two, then exit with 1 if one of them failed.
