"""Random pages made of what real ones are made of: nesting, broken fences, odd line ends, bytes nobody typed."""

from __future__ import annotations

from hypothesis import strategies as st

GOOD = [
    "# Title",
    "## Usage {#use .big}",
    "### Exercise 2: run it (10 min)",
    "Plain words, *emphasis*, **strong** and `code`.",
    "A [link](other.md#top 'Title'), an ![image of a foot in the air](feet.svg) and <https://example.org>.",
    "- an item\n    - a nested one\n        ```bash\n        ls -l \\\n          -a\n        ```",
    "1. first\n\n    ```python\n    print('x')  # [no](link)\n    ```\n\n2. second",
    '=== "Linux"\n\n    ```bash\n    uv run python\n    ```\n\n=== "Windows"\n\n    Text.',
    '!!! note "A `title`"\n    Body with [x](y.md).',
    '??? success "Solution"\n\n    1. one\n\n        !!! warning\n            deep',
    "<details markdown><summary>Hint</summary>\n\nLeft or right.\n\n</details>",
    "/// tab | Linux\n\nText.\n\n///",
    "| a | b |\n|---|---|\n| 1 | `|` |",
    "> quoted\n> [!NOTE]\n> more",
    "Term\n:   Definition with a footnote.[^1]\n\n[^1]: The note.",
    "[ref]: https://example.org 'Title'\n\nSee [ref] and [text][ref].",
    '--8<-- "code/train.py:3:9"',
    '``` { .python hl_lines="1 2" title="a.py" }\nx = 1\n```',
    "<!-- id: my-exercise -->",
    "<!-- course: modules -->",
    "$$\nx_i = (1\n$$",
    "## Knowledge check\n\n### Which?\n\n- [x] this\n- [ ] that",
    "---",
    "",
    "\tindented by a tab",
    "      six spaces",
]
BROKEN = [
    "```python\nprint('never closed'",
    "````\n```\n",
    "~~~ text",
    '=== "No end',
    '!!! note "Title',
    "???",
    "<details><summary>Answer",
    "</details>",
    "<!-- never closed",
    "[a](b.md",
    "![](",
    "[a]: ",
    "[](){#x}",
    "`unbalanced",
    "``two` three```",
    "\x00\x00",
    "\x01 \x02",
    "(never closed, and",
    "the the the",
    "a < b > c <your-name> {{ x }} {% y %}",
    "---\ntitle: [\n---",
    "\u2028\u2029\x85\x0b\x0c",
    "\U0010ffff\ud7ff",
    "--8<--",
    ":::",
    "[^",
    "$",
    "İ ß ŉ ﬁ",
]
SEPARATORS = ["\n", "\n\n", "\n\n\n", "\n    ", "\n  ", "\n\n    ", "\n\n\t", "\n> ", "\r\n", "\r\n\r\n", "\r", " "]


def _joined(pieces: list[tuple[str, str, int]]) -> str:
    lines = []
    for text, separator, indent in pieces:
        lines += ["\n".join(" " * indent + line for line in text.split("\n")), separator]
    return "".join(lines)


_pieces = st.tuples(st.sampled_from(GOOD + BROKEN), st.sampled_from(SEPARATORS), st.sampled_from([0, 0, 0, 2, 3, 4, 8]))


@st.composite
def pages(draw: st.DrawFn) -> str:
    """A page: fragments at any depth, perhaps with a byte order mark, front matter or a part cut out."""
    text = _joined(draw(st.lists(_pieces, max_size=14)))
    front = draw(st.sampled_from(["", "", "---\ndescription: x\n---\n", "\ufeff", "---\r\na: b\r\n---\r\n", "---\n"]))
    if draw(st.booleans()) and text:
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        text = text[:start] + text[min(end, start + 20) :]
    return front + text


def surroundings() -> st.SearchStrategy[tuple[str, str]]:
    """What may stand above and below a fault: fragments, each after a blank line."""
    some = st.lists(st.sampled_from(GOOD + BROKEN), max_size=4).map("\n\n".join)
    return st.tuples(some, some)
