"""Pages as their sites render them: where lines come out, what is never imported, and what is kept between runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from coursekit import render_cache
from coursekit.load import load
from coursekit.rendered import Rendered, Renderer
from coursekit.signs import signed

CONFIG = """\
site_name: Any
hooks: [bang.py]
plugins: [bang]
markdown_extensions:
  - admonition
  - attr_list
  - pymdownx.details
  - pymdownx.highlight
  - pymdownx.snippets
  - pymdownx.superfences:
      custom_fences:
        - name: mermaid
          class: mermaid
          format: !!python/name:bang.format
  - pymdownx.tabbed: {alternate_style: true}
  - bang.extension
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def site(root: Path, text: str) -> Path:
    (root / "docs").mkdir(exist_ok=True)
    (root / "mkdocs.yml").write_text(CONFIG)
    (root / "docs/index.md").write_text(text)
    return root


def rendered(root: Path, text: str) -> Rendered:
    return load(site(root, text)).rendered["docs/index.md"]


def test_where_each_line_comes_out(tmp_path: Path) -> None:
    text = '# A\n\n1. one\n\n    === "Tab"\n\n        two\n\n```mermaid\ngraph\n```\n\n3. four\n\nText\n- five\n'
    page = rendered(tmp_path, text)
    assert page.tags(1) == ["h1"]
    assert page.tags(3) == ["p", "li", "ol"]
    assert page.tags(7) == ["p", "div", "div", "div", "li", "ol"]
    assert page.tags(10) == ["code", "pre"]
    assert [node.number for node in page.nodes if node.tag == "li"] == [1, 1]
    assert page.literal == {16: "item"}


def test_signs_change_nothing(tmp_path: Path) -> None:
    text = "Term\n:   what\n\na | b\n--|--\n`c` | **d**\n\n[x][y] <b\nid='z'>q</b>\n\n[y]: z.md\n\n- [ ] task\n"
    course = load(site(tmp_path, text))
    parser = Renderer(course)._parser
    plain = parser.convert(text)
    parser.reset()
    assert "".join(c for c in parser.convert(signed(text)) if ord(c) < 0xF0000) == plain


def test_the_second_run_reads_what_the_first_one_kept(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = rendered(tmp_path, "# One\n")
    monkeypatch.setattr(Renderer, "render", lambda self, text: pytest.fail("rendered again"))
    again = load(tmp_path).rendered["docs/index.md"]
    assert again.data() == first.data()


@pytest.mark.parametrize(
    "damaged",
    [
        lambda data: b"",
        lambda data: b"\xff",
        lambda data: data[1:],
        lambda data: data[:-9],
        lambda data: data.partition(b" ")[0],
        lambda data: data.partition(b" ")[0] + b" " + b"[" * 100_000,
    ],
)
def test_a_damaged_cache_is_as_good_as_none(tmp_path: Path, cache: Path, damaged: Callable[[bytes], bytes]) -> None:
    before = rendered(tmp_path, "# One\n").data()
    (file,) = cache.iterdir()
    file.write_bytes(damaged(file.read_bytes()))
    assert load(tmp_path).rendered["docs/index.md"].data() == before


def test_a_cache_that_cannot_be_written_does_no_harm(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.write_text("a file where a folder belongs")
    assert rendered(tmp_path, "# One\n").tags(1) == ["h1"]
    assert cache.read_text() == "a file where a folder belongs"


def test_other_extensions_are_another_page(tmp_path: Path) -> None:
    text = "!!! note\n    x\n"
    assert "div" in rendered(tmp_path, text).tags(2)
    (tmp_path / "mkdocs.yml").write_text("site_name: Any\n")
    assert load(tmp_path).rendered["docs/index.md"].tags(2) == ["p"]


def test_nothing_is_rendered_without_settings_that_can_be_read(tmp_path: Path) -> None:
    site(tmp_path, "# One\n")
    for config in ("site_name: [\n", "INHERIT: ../base.yml\n"):
        (tmp_path / "mkdocs.yml").write_text(config)
        assert load(tmp_path).rendered == {}


def test_without_a_home_there_is_still_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COURSEKIT_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    assert render_cache._folder().name == "coursekit"


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "x" * 1_000_000, "> " * 50_000, "*a " * 5_000, "\0" * 1000, "- " * 9_000]
)
def test_odd_pages_end(tmp_path: Path, text: str) -> None:
    """Rendered or passed over; the parser would need minutes for some of them."""
    assert load(site(tmp_path, text)).rendered is not None
