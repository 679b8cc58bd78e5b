"""Drawings keep their place free while they arrive."""

from __future__ import annotations

from pathlib import Path

import pytest

from coursekit.figures import drawing_sizes
from coursekit.render import Site
from courses import MINIMAL, course

PAGE = (MINIMAL / "s1_start" / "first.md").read_text(
    encoding="utf-8"
) + "\n![A box.](figures/one.svg)\n\n![A box.](figures/two.svg)\n\n![A box.](figures/one.svg){.wide}\n"


@pytest.mark.parametrize(
    ("root", "size"),
    [
        ('<svg viewBox="0 0 480 260.4" role="img">', (480, 260)),
        ('<?xml version="1.0"?>\n<svg\n  width="24px" height="12"\n  viewBox="0 0 480 240">', (24, 12)),
        ('<svg width="100%" viewBox="-10,-5,40,30">', (40, 30)),
        ('<svg stroke-width="3" height="12">', None),
        ('<svg viewBox="0 0 0 0">', None),
        ("no drawing", None),
    ],
)
def test_a_drawing_is_as_large_as_it_says(tmp_path: Path, root: str, size: tuple[int, int] | None) -> None:
    loaded = course(tmp_path, {"s1_start/figures/one.svg": root})
    assert drawing_sizes(loaded).get("s1_start/figures/one.svg") == size


def test_images_have_their_size_and_all_but_the_first_wait_for_their_turn(tmp_path: Path) -> None:
    drawing = '<svg viewBox="0 0 480 260">'
    files = {"s1_start/first.md": PAGE, "s1_start/figures/one.svg": drawing, "s1_start/figures/two.svg": drawing}
    loaded = course(tmp_path, files)
    site = Site(loaded, lambda page, target: target, drawings=drawing_sizes(loaded))
    shown = site.markdown(loaded.modules[0].page)
    assert "![A box.](figures/one.svg){width=480 height=260}\n" in shown
    assert "![A box.](figures/two.svg){width=480 height=260 loading=lazy}\n" in shown
    assert "![A box.](figures/one.svg){.wide}\n" in shown
