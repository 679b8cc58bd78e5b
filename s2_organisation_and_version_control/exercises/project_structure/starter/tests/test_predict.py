"""The project's own tests: `uv run pytest`."""

from pathlib import Path

import pytest
import torch

from mailroom.model import DigitCNN
from mailroom.predict import read_digits, read_scan


def test_a_scan_becomes_an_image(tmp_path: Path) -> None:
    scan = tmp_path / "scan.csv"
    scan.write_text("0,4,8,16,0,0,0,0\n" * 8, encoding="utf-8")
    image = read_scan(scan)
    assert image.shape == (1, 8, 8)
    assert image.dtype == torch.float32
    assert image[0, 0, :4].tolist() == [0, 0.25, 0.5, 1]


@pytest.mark.parametrize("text", ["", "0,1\n" * 8, "0,0,0,0,0,0,0,17\n" * 8, "scan,label\n"])
def test_what_is_no_scan_is_refused(tmp_path: Path, text: str) -> None:
    scan = tmp_path / "damaged.csv"
    scan.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"damaged\.csv"):
        read_scan(scan)


def test_every_image_gets_a_reading() -> None:
    torch.manual_seed(0)
    readings = read_digits(DigitCNN(), torch.rand(5, 1, 8, 8))
    assert len(readings) == 5
    assert all(reading.digit in range(10) and 0.1 <= reading.confidence <= 1 for reading in readings)
