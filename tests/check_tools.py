"""The tools that students use are really used: Git with a remote, DVC with a remote, MLflow on SQLite, torch.

It needs the exercises' environment, so it is not one of the tests; `.ci/run` calls it there. The pages are small, the
tools are the real ones, and nothing asks the network.
"""

from __future__ import annotations

from pathlib import Path

from page_runs import bash, console, outcomes, python

IDENTITY = """\
export GIT_CONFIG_GLOBAL="$PWD/gitconfig"
git config --global user.name Ada
git config --global user.email ada@example.org
git config --global init.defaultBranch main"""


def passes(tmp_path: Path, text: str) -> None:
    failed = [f"line {o.line}: {o.message}\n{o.output}" for o in outcomes(tmp_path, text) if o.state != "passed"]
    assert not failed, "\n".join(failed)


def test_git_with_a_bare_remote(tmp_path: Path) -> None:
    page = bash(IDENTITY) + console(
        "$ git init -q --bare ../remote.git\n"
        "$ git init -q ../work && cd ../work\n"
        "$ echo hello > a.txt && git add a.txt && git commit -q -m 'Say hello'\n"
        "$ git remote add origin ../remote.git && git push -q origin main\n"
        "$ git clone -q ../remote.git ../other && cat ../other/a.txt\n"
        "hello\n"
        "$ git -C ../remote.git log --format=%s\n"
        "Say hello"
    )
    passes(tmp_path, page)


def test_dvc_with_a_local_remote(tmp_path: Path) -> None:
    page = (
        bash(IDENTITY)
        + "<!-- run: timeout=180 -->\n"
        + bash(
            "export DVC_NO_ANALYTICS=1\nmkdir ../project && cd ../project\ngit init -q && dvc init -q\n"
            "echo 0,1,2 > data.csv\ndvc add -q data.csv && git add . && git commit -q -m 'Track the data'\n"
            "dvc remote add -q -d store ../store && dvc push -q\nrm -r .dvc/cache data.csv\ndvc pull -q"
        )
        + console("$ cat data.csv\n0,1,2")
    )
    passes(tmp_path, page)


MLFLOW = """\
import mlflow

mlflow.set_tracking_uri("sqlite:///runs.db")
mlflow.set_experiment("digits")
for accuracy in (0.91, 0.95):
    with mlflow.start_run():
        mlflow.log_metric("accuracy", accuracy)
client = mlflow.MlflowClient()
experiment = client.get_experiment_by_name("digits")
runs = client.search_runs([experiment.experiment_id], order_by=["metrics.accuracy DESC"])"""
TORCH = """\
import torch

torch.manual_seed(0)
weight = torch.zeros(1, requires_grad=True)
for _ in range(50):
    loss = (weight * 2 - 6).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        weight -= 0.1 * weight.grad
        weight.grad.zero_()"""
LONG = "<!-- run: timeout=180 -->\n"


def test_mlflow_on_sqlite(tmp_path: Path) -> None:
    passes(tmp_path, LONG + python(MLFLOW) + python(">>> [run.data.metrics['accuracy'] for run in runs]\n[0.95, 0.91]"))


def test_torch_trains(tmp_path: Path) -> None:
    passes(tmp_path, LONG + python(TORCH) + python(">>> round(weight.item(), 3)\n3.0"))
