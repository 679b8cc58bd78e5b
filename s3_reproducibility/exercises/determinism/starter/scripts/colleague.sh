#!/usr/bin/env bash
# A colleague works with your project and sends you two results: bash scripts/colleague.sh, in mailroom.
# She leaves the branch `colleague` in your repository, and ../bo with what she sends.
set -euo pipefail
export PYTHONPATH=src # her copy of the code, not yours
mailroom=$PWD

edit() { # edit FILE EXPRESSION: what `sed -i` does, on every system
    sed "$2" "$1" > edited.tmp && mv edited.tmp "$1"
}

if [ -e ../bo ]; then
    echo "../bo is there already. To begin again: rm -rf ../bo" >&2
    exit 1
fi
mkdir ../bo
git clone --quiet . ../bo/copy
cd ../bo/copy
git switch --quiet --create colleague
edit src/mailroom/conf/config.yaml 's/^seed: .*/seed: 7/; s/^epochs: .*/epochs: 9/'
git -c user.name=Bo -c user.email=bo@example.com commit --quiet --all -m "Try nine epochs"
git push --quiet --force origin colleague

mkdir -p data/batches
cp "$mailroom"/data/batches/*.npz data/batches
python -m mailroom.prepare data=data/batches > /dev/null
python -m mailroom.train data=data/prepared output=model.pt > /dev/null
mv manifest.json ../result_1.json
edit src/mailroom/model.py 's/nn\.MaxPool2d/nn.AvgPool2d/' # one more idea, quickly
python -m mailroom.train data=data/prepared output=model.pt > /dev/null
mv manifest.json ../result_2.json

cd "$mailroom"
rm -rf ../bo/copy
echo "../bo: result_1.json and result_2.json"
