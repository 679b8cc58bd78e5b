#!/usr/bin/env bash
# usage: bash make_history.sh reader|undo
# Builds the repository of that name in the current folder. Names and dates are fixed, so every commit has the same
# hash on every machine.
set -euo pipefail

if [ "$#" -ne 1 ] || { [ "$1" != reader ] && [ "$1" != undo ]; }; then
  echo "usage: bash make_history.sh reader|undo" >&2
  exit 2
fi
if [ -e "$1" ] || { [ "$1" = undo ] && [ -e undo-hub.git ]; }; then
  echo "make_history: there is a folder $1 (or undo-hub.git) here already; move it away to begin anew" >&2
  exit 1
fi
material=$(cd "$(dirname "$0")" && pwd)

# Nobody's settings may have a say in this, or the hashes would differ.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_CONFIG_NOSYSTEM=1

# person NAME DAY: who acts from here on, and on which day of November 2026
person() {
  export GIT_AUTHOR_NAME="$1" GIT_COMMITTER_NAME="$1"
  case $1 in
    "Ada Holm") export GIT_AUTHOR_EMAIL=ada@example.com ;;
    *) export GIT_AUTHOR_EMAIL=bo@example.com ;;
  esac
  export GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
  export GIT_AUTHOR_DATE="2026-11-$2T09:00:00+0100"
  export GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
}

# commit NAME DAY MESSAGE: record everything
commit() {
  person "$1" "$2"
  git add --all
  git commit --quiet -m "$3"
}

# merge NAME DAY BRANCH
merge() {
  person "$1" "$2"
  git merge --quiet --no-ff -m "Merge branch '$3'" "$3"
}

# change FILE SED-SCRIPT: edit a file (sed -i is not the same everywhere)
change() {
  sed "$2" "$1" > "$1.new"
  if cmp -s "$1" "$1.new"; then
    echo "make_history: nothing to change in $1: $2" >&2
    exit 1
  fi
  mv "$1.new" "$1"
}

git init --quiet --object-format=sha1 -b main "$1"
cd "$1"
git config core.autocrlf false

# The scans, the reader, and how good it is

cp "$material/scans.csv" scans.csv
printf '* text=auto eol=lf\n' > .gitattributes
printf '__pycache__/\n' > .gitignore
cat > README.md << 'EOF'
# reader

Reads handwritten digits by comparing a scan with the mean scan of each digit.

`scans.csv` holds 300 scans, one a line: 64 ink values from 0 to 16, and the digit.
EOF
commit "Ada Holm" 02 "Add 300 scans of the first batch"

cat > reader.py << 'EOF'
"""Read a digit by comparing a scan with the mean scan of each digit."""

import csv


def load(path):
    """The scans of a file: pairs of 64 ink values and a digit."""
    with open(path, newline="") as file:
        rows = [[int(value) for value in row] for row in csv.reader(file)]
    return [(row[:-1], row[-1]) for row in rows]


def train(scans):
    """The mean scan of each digit."""
    means = {}
    for digit in range(10):
        same = [ink for ink, label in scans if label == digit]
        means[digit] = [sum(column) / len(same) for column in zip(*same)]
    return means


def distance(mean, ink):
    """How much a scan differs from a mean scan."""
    return sum((m - i) ** 2 for m, i in zip(mean, ink))


def read(means, ink):
    """The digit whose mean scan is nearest."""
    return min(means, key=lambda digit: distance(means[digit], ink))
EOF
commit "Ada Holm" 02 "Read a digit by the nearest mean scan"

cat > evaluate.py << 'EOF'
"""Train on the first 200 scans, and print how many of the others are read right."""

from reader import load, read, train

scans = load("scans.csv")
means = train(scans[:200])
test = scans[200:]
right = sum(read(means, ink) == label for ink, label in test)
print(f"accuracy {right / len(test):.3f}")
EOF
commit "Ada Holm" 03 "Measure the accuracy on the last 100 scans"

printf '\nRun it with `python evaluate.py`.\n' >> README.md
commit "Bo Lind" 03 "Say how to run the reader"

# Two branches of Bo's: one is merged, the other waits for the student

git switch --quiet -c list-mistakes
change evaluate.py 's/:\.3f}")/:.3f}, {len(test) - right} wrong")/'
commit "Bo Lind" 04 "Count the mistakes in the report"
cat > mistakes.py << 'EOF'
"""List the scans that are read wrong."""

from reader import load, read, train

scans = load("scans.csv")
means = train(scans[:200])
for number, (ink, label) in enumerate(scans[200:], 200):
    if read(means, ink) != label:
        print(f"scan {number}: a {label}, read as {read(means, ink)}")
EOF
commit "Bo Lind" 05 "List the scans that are read wrong"

git switch --quiet -c check-rows main
change reader.py 's/^.*int(value).*$/&\
    if any(len(row) != 65 for row in rows):\
        raise ValueError(f"{path}: each row needs 64 ink values and a digit")/'
commit "Bo Lind" 06 "Refuse rows that are not a scan"
git switch --quiet main
change README.md 's/^Reads handwritten digits/Reads one handwritten digit of a postcode/'
commit "Ada Holm" 06 "Say what is read"
merge "Ada Holm" 09 check-rows
git branch --quiet -d check-rows
git tag v0.1

if [ "$1" = reader ]; then
  # From the good v0.1 to the v0.2 that reads fewer scans right

  change reader.py 's/def load(/def load_scans(/'
  change evaluate.py 's/import load,/import load_scans,/; s/= load(/= load_scans(/'
  commit "Ada Holm" 10 "Rename load to load_scans"
  change reader.py 's|sum(column) / len(same)|sum(column) // len(same)|'
  commit "Bo Lind" 10 "Keep the means as whole numbers"
  change evaluate.py 's/:\.3f}")/:.3f} on {len(test)} scans")/'
  commit "Ada Holm" 10 "Say on how many scans it was measured"
  change reader.py 's/^import csv$/import csv\
\
from settings import DIGITS/; s/range(10)/range(DIGITS)/'
  commit "Bo Lind" 11 "Move the settings to a file of their own"
  printf '"""Settings of the reader."""\n\nDIGITS = 10\n' > settings.py
  commit "Bo Lind" 11 "Add the forgotten settings.py"
  printf '\nThe scans: Alpaydin and Kaynak, https://doi.org/10.24432/C50P49 (CC BY 4.0).\n' >> README.md
  commit "Ada Holm" 12 "Name the source of the scans"
  change reader.py 's/zip(mean, ink))/zip(mean, ink) if m)/'
  commit "Bo Lind" 12 "Skip pixels without ink to save time"
  change reader.py 's/"""The mean scan of each digit."""/"""The mean scan of each digit, in whole numbers."""/'
  commit "Ada Holm" 13 "Say that the means are whole numbers"
  printf '*.tmp\n' >> .gitignore
  commit "Bo Lind" 16 "Ignore temporary files"
  git tag v0.2
else
  # A pushed mistake, a commit that should not leave this machine, and a spoilt file

  change reader.py 's/zip(mean, ink))/zip(mean[24:], ink[24:]))/'
  commit "Bo Lind" 10 "Compare the lower rows only to save time"
  change evaluate.py 's/:\.3f}")/:.3f} on {len(test)} scans")/'
  commit "Ada Holm" 10 "Say on how many scans it was measured"
  git clone --quiet --bare . ../undo-hub.git
  git -C ../undo-hub.git remote remove origin
  git remote add origin ../undo-hub.git
  git fetch --quiet
  git branch --quiet --set-upstream-to=origin/main
  printf '\nTrain on your own scans by replacing `scans.csv`.\n' >> README.md
  head -c 2000000 /dev/zero > model.bin
  printf 'SORTER_TOKEN=a1b2c3-not-a-real-one\n' > sorter.env
  commit "Ada Holm" 11 "Describe training on own scans"
  printf 'print("just trying something")\n' > evaluate.py
  git add evaluate.py
fi
git --no-pager log --oneline -1
