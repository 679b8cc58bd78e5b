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


# TODO (test-the-command): a good scan; a damaged one; the model's file as an option and as a variable at once.
