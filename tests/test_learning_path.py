"""The drawing of prerequisites."""

from __future__ import annotations

from pathlib import Path

from coursekit.learning_path import learning_path
from courses import DRAFT, course


def _drawn(root: Path, requires: dict[str, str]) -> set[tuple[str, str]]:
    files = {
        f"s1_start/{name}.md": DRAFT.replace("requires: []", f"requires: [{needs}]") for name, needs in requires.items()
    }
    files["s1_start/README.md"] = f"---\nmodules: [first, {', '.join(requires)}]\n---\n# Start\n"
    return {(edge.start.name, edge.end.name) for edge in learning_path(course(root, dict(files))).edges}


def test_a_line_that_follows_from_others_is_left_out(tmp_path: Path) -> None:
    assert _drawn(tmp_path, {"second": "first", "third": "first, second"}) == {
        ("first", "second"),
        ("second", "third"),
    }


def test_a_cycle_and_an_unknown_name_do_no_harm(tmp_path: Path) -> None:
    assert _drawn(tmp_path, {"second": "third, nobody", "third": "second, third"}) <= {
        ("second", "third"),
        ("third", "second"),
    }


def test_boxes_do_not_overlap_and_lie_inside(tmp_path: Path) -> None:
    drawing = learning_path(course(tmp_path, {}))
    places = [(box.x, box.y) for box in drawing.boxes]
    assert len(set(places)) == len(places) == 1
    assert all(0 <= x < drawing.width and 0 <= y < drawing.height for x, y in places)
