"""What stands on a page, and where: code is left alone, and every span is exact."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import coursekit
from coursekit.markdown import Scan
from coursekit.model import Span, section


def cut(text: str, span: Span) -> str:
    return text[span.start : span.end]


def targets(text: str) -> list[tuple[str, str]]:
    return [(link.kind, link.target) for link in Scan(text).links]


@pytest.mark.parametrize("name", [m.name for m in pkgutil.iter_modules(coursekit.__path__)])
def test_doctests(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"coursekit.{name}")).failed == 0


@pytest.mark.parametrize(
    "text",
    [
        "`[a](b.md)`",
        "``a ` [a](b.md)``",
        "```text\n[a](b.md)\n```",
        "~~~\n[a](b.md)\n~~~",
        "> ```text\n> [a](b.md)\n> ```",
        "- ```text\n  [a](b.md)\n  ```",
        "````text\n```\n[a](b.md)\n````",
        "<!-- [a](b.md) -->",
        "\\[a](b.md)",
        "[a](`b.md`)",
        "[a]\n\n[b]: b.md",
        "[^1]\n\n[^1]: a footnote",
    ],
)
def test_no_link(text: str) -> None:
    assert targets(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](b.md)", [("link", "b.md")]),
        ("[a](b.md#c 'Title')", [("link", "b.md#c")]),
        ("[a](<b c.md>)", [("link", "b c.md")]),
        ("[a](b_(c).md)", [("link", "b_(c).md")]),
        ("![a](b.svg)", [("image", "b.svg")]),
        ("[`a]`](b.md)", [("link", "b.md")]),
        ("[a [b] c](d.md)", [("link", "d.md")]),
        ("[![a](b.svg)](c.md)", [("link", "c.md"), ("image", "b.svg")]),
        ("[a][b] [B] [b][]\n\n[b]: c.md", [("link", "c.md")] * 3),
        ("![a][b]\n\n[b]: <c d.svg> 'Title'", [("image", "c d.svg")]),
        ('<a class="x" href="b.md?x=1&amp;y=2">a</a>', [("html-link", "b.md?x=1&y=2")]),
        ("<img alt='a' src='b.svg'>", [("html-image", "b.svg")]),
        ("<a name='b'>a</a>", []),
        ("a `b [c](d.md)", [("link", "d.md")]),
        ("a `b\n\nc [d](e.md) `f`", [("link", "e.md")]),
        ("[`a`] [`b`]\n\n[`a`]: c.md\n[`b`]: d.md", [("link", "c.md"), ("link", "d.md")]),
        ("<!-- never closed [a](b.md)", [("link", "b.md")]),
        ("[a](b.md) <!-- x --> [c](d.md)", [("link", "b.md"), ("link", "d.md")]),
    ],
)
def test_links(text: str, expected: list[tuple[str, str]]) -> None:
    assert targets(text) == expected


def test_spans_of_a_link() -> None:
    text = "See [the `x` page](<a b.md>) and ![alt](c.svg)."
    link, image = Scan(text).links
    assert cut(text, link.span) == "[the `x` page](<a b.md>)"
    assert cut(text, link.text_span) == link.text == "the `x` page"
    assert cut(text, link.target_span) == link.target == "a b.md"
    assert cut(text, image.span) == "![alt](c.svg)"
    assert (image.text, image.is_image, link.is_image) == ("alt", True, False)


def test_the_target_of_a_reference_stands_at_its_definition() -> None:
    text = "[a][b]\n\n[b]: c.md\n"
    (link,) = Scan(text).links
    assert cut(text, link.span) == "[a][b]"
    assert link.target_span == Span(text.index("c.md"), text.index("c.md") + 4)


@pytest.mark.parametrize(
    ("target", "external"),
    [
        ("https://a.b/c", True),
        ("mailto:a@b", True),
        ("//a.b/c", True),
        ("a.md", False),
        ("a/b:c.md", False),
        ("#a", False),
    ],
)
def test_external_links(target: str, external: bool) -> None:
    (link,) = Scan(f"[a]({target})").links
    assert link.is_external is external


def test_headings() -> None:
    text = (
        "# One #\n\nTwo\n===\n\nThree\n---\n\n#### `Four` *x* {#own}\n\n"
        "## `git` and `uv`\n\n## \\*args `x` ##\n\n"
        "####### seven\n#none\n    # code\n"
    )
    assert [(h.level, h.text, h.anchor) for h in Scan(text).headings] == [
        (1, "One", "one"),
        (1, "Two", "two"),
        (2, "Three", "three"),
        (4, "Four x", "own"),
        (2, "git and uv", "git-and-uv"),
        (2, "*args x", "args-x"),
    ]


@pytest.mark.parametrize("text", ["```\n# a\n```", "<!--\n# a\n-->", "- a\n---", "> a\n---", "| a |\n---", "\n---"])
def test_no_heading(text: str) -> None:
    assert Scan(text).headings == ()


def test_a_heading_with_windows_line_endings() -> None:
    text = "# One\r\n\r\nTwo\r\n===\r\n"
    assert [cut(text, h.content) for h in Scan(text).headings] == ["One", "Two"]


def test_repeated_anchors_are_counted_as_github_does() -> None:
    text = "# Usage\n## Usage\n### Usage!\n## Other\n"
    assert [h.anchor for h in Scan(text).headings] == ["usage", "usage-1", "usage-2", "other"]


def test_a_heading_with_an_id_counts_for_those_below_it_as_on_github() -> None:
    text = "# Usage\n\n<!-- id: mine -->\n\n# Usage\n\n# Usage {#own}\n\n# Usage\n"
    assert [h.anchor for h in Scan(text).headings] == ["mine", "usage-1", "own", "usage-3"]


def test_an_id_below_a_heading_is_its_anchor() -> None:
    text = "### One (5 min)\n\n<!-- id: my-one -->\n\nText.\n\n### Two\n\nText.\n\n<!-- id: late -->\n"
    assert [h.anchor for h in Scan(text).headings] == ["my-one", "two"]


def test_raw_anchors() -> None:
    text = '<a id="one"></a> <span class="x" name=\'two\'></span>\n\nText {#three .x}\n\n`<a id="four">`\n'
    assert Scan(text).raw_anchors == {"one", "two", "three"}


def test_fences() -> None:
    text = '```python title="a.py"\nx = 1\n```\n\n~~~\n```\n~~~\n'
    first, second = Scan(text).fences
    assert (first.info, cut(text, first.content)) == ('python title="a.py"', "x = 1\n")
    assert (second.info, cut(text, second.content)) == ("", "```\n")
    assert cut(text, first.span).endswith("\n```")


def test_a_fence_that_is_never_closed_takes_the_rest() -> None:
    text = "# One\n\n```bash\n# no heading [a](b.md)\n"
    scan = Scan(text)
    assert [h.text for h in scan.headings] == ["One"]
    assert scan.links == ()
    assert cut(text, scan.fences[0].content) == "# no heading [a](b.md)\n"


def test_code_in_a_line_is_no_fence() -> None:
    assert Scan("```code``` and more\n\n# One\n").fences == ()


def test_folds() -> None:
    text = (
        "<details markdown><summary>Hint</summary>\n\na\n\n</details>\n"
        "<details>\n<summary><b>Solution</b></summary>\n<details><summary>More</summary></details>\n</details>\n"
        "`<details>`\n<details markdown><summary>Answer</summary>\n\nnever closed\n"
    )
    folds = Scan(text).folds
    assert [fold.name for fold in folds] == ["hint", "solution", "more", "answer"]
    assert cut(text, folds[1].span).count("</details>") == 2
    assert folds[3].span == folds[3].opening


def test_marks_and_snippets() -> None:
    text = '<!-- id: a-b -->\n<!-- run: skip=gpu -->\n<!-- else -->\n--8<-- "a/b.py:3:4"\n'
    scan = Scan(text)
    assert [(mark.kind, mark.value) for mark in scan.marks] == [("id", "a-b"), ("run", "skip=gpu")]
    assert [snippet.path for snippet in scan.snippets] == ["a/b.py"]
    assert cut(text, scan.snippets[0].target_span) == "a/b.py"


def test_words_are_those_of_running_text() -> None:
    counted = "One two, three's [four](not/this.md) **five** https://not.this\n\n> six\n"
    skipped = "`no` <!-- no --> <b class='no'></b>\n\n```text\nno\n```\n/// tab | no\n///\n"
    fold = "<details><summary>Hint</summary>\n\nno no\n\n</details>\n"
    assert Scan(counted + skipped + fold).words() == 6


def test_the_front_matter_is_left_out() -> None:
    text = "---\n# a comment\nlink: '[a](b.md)'\n---\n# One\n"
    scan = Scan(text, text.index("# One"))
    assert [h.text for h in scan.headings] == ["One"]
    assert scan.links == ()


def test_a_section_ends_at_the_next_heading_of_its_level() -> None:
    from coursekit.model import Page, Source

    text = "# A\n\n## Key Points\n\nOne.\n\n### Below\n\nTwo.\n\n## After\n"
    page = Page(Source("a.md", text), headings=Scan(text).headings)
    span = section(page, "key points")
    assert span
    assert cut(text, span).strip() == "One.\n\n### Below\n\nTwo."
    assert section(page, "before") is None


@pytest.mark.parametrize(
    "piece", ["[", "![a](", "`", "<a ", "<!-- ", "{#", "> ", "*_", "<details>\n", "# a\n", "[a][", "((("]
)
def test_strange_text_takes_linear_time(piece: str) -> None:
    Scan(piece * 50_000).words()  # would take minutes, were it not
