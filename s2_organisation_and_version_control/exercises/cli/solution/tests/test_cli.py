"""Tests of the command line: no new process, and no trained model."""

from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from mailroom import model, predict
from mailroom.cli import app

runner = CliRunner()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "0042.csv"
    path.write_text("0,4,8,16,0,0,0,0\n" * 8, encoding="utf-8")
    return path


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "untrained.pt"
    model.save_model(model.DigitCNN(), path)
    return path


def test_help_names_the_commands() -> None:
    result = runner.invoke(app, ["--help"])
    assert result.exit_code == 0
    assert "predict" in result.stdout


def test_a_good_scan_gets_a_line(scan: Path, model_file: Path) -> None:
    torch.manual_seed(0)
    (reading,) = predict.read_digits(model.DigitCNN(), predict.read_scan(scan).unsqueeze(0))
    result = runner.invoke(app, ["predict", str(scan), "--model", str(model_file)])
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{scan.as_posix()}: {reading.digit} ({reading.confidence:.2f})\n"


def test_a_damaged_scan_ends_with_1(scan: Path, model_file: Path) -> None:
    scan.write_text("no scan\n", encoding="utf-8")
    result = runner.invoke(app, ["predict", str(scan), "--model", str(model_file)])
    assert result.exit_code == 1
    assert scan.name in result.stderr
    assert result.stdout == ""


def test_the_option_wins_over_the_variable(scan: Path, model_file: Path) -> None:
    arguments = ["predict", str(scan), "--model", str(model_file)]
    assert runner.invoke(app, arguments, env={"MAILROOM_MODEL": "nowhere.pt"}).exit_code == 0
