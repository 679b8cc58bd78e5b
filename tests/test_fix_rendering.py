"""Every fix against random pages: what it mends renders as before, but for what is said of its rule here."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.extensions import parser
from coursekit.load import load
from coursekit.model import Course
from coursekit.render import Site
from coursekit.rule import check, rules
from courses import once_fixed, write
from fragments import surroundings

Change = Callable[[str], str]
HOME, MODULE, PLAIN = "docs/index.md", "s1_start/first.md", "docs/part/page.md"
PLAIN_SITE = "site_name: Any\nmarkdown_extensions: [admonition, attr_list, footnotes, pymdownx.superfences]\n"
FRONT_MATTER = "---\ndescription: x\n---\n"
MODULE_FRONT_MATTER = "---\ndescription: x\ncore: true\nrequires: []\ntools: []\nobjectives: [A step]\n---\n"
INSIDE = (  # what a fault may stand in: what comes before its first line, and before the others
    ("", ""),
    ("- an item\n\n    ", "    "),
    ("1. one\n2. two\n\n    ", "    "),
    ("> ", "> "),
    ("!!! note\n    ", "    "),
)
EXAMPLES = 60


def changed(pattern: str, change: Change | str) -> Change:
    """A function that changes what a pattern finds in HTML."""
    found = re.compile(pattern, re.S)
    return lambda content: found.sub(change if isinstance(change, str) else lambda match: change(match[0]), content)


def in_order(*changes: Change) -> Change:
    def all_of_them(content: str) -> str:
        for change in changes:
            content = change(content)
        return content

    return all_of_them


def in_code(pattern: str, text: str) -> Change:
    return changed(r"<(pre|code)\b.*?</\1>", changed(pattern, text))


def in_targets(change: Change) -> Change:
    return changed(r"""(?<= )(?:href|src)=(?:"[^"]*"|'[^']*')""", change)


def without(*tags: str) -> Change:
    return changed(rf"</?(?:{'|'.join(tags)})\b[^>]*>", "\n")


NUMBER = changed(r'<span class="ck-number"[^>]*>[^<]*</span>\s*', "")  # the site puts it in front of a link's text
LISTS = without("ol", "ul", "li", "p")
BOXES = without("div", "p", "pre", "code", "details", "summary", "input", "label")


@dataclass(frozen=True)
class Fault:
    """Faults of one kind and the page for them; what their fix may change is made the same in both renderings."""

    path: str
    planted: tuple[str, ...]
    may_change: Change


FAULTS = {
    "C209": Fault(
        HOME,
        (
            "See [M1 First *steps*](../s1_start/first.md).",
            "See [**Module 1: First steps**](../s1_start/first.md) and [First steps (M1)](../s1_start/first.md).",
            "See [M1](../s1_start/first.md) and [*M1*][there].\n\n[there]: ../s1_start/first.md",
            "See [S1 – The start](../s1_start/README.md 'Title').",
        ),
        in_order(
            NUMBER,
            changed(r"(?<=[>\[*])M1(?=[<\]*])", "First steps"),  # the title where nothing is left
            changed(r"(?<=[>\[*])(?:M1 |Module 1: |S1 – )| \(M1\)(?=[<\]])", ""),
        ),
    ),
    "C301": Fault(
        MODULE,
        ("### Take a step (5 min)\n\nTake one.", "### Take `one` (5 min)\nTake one.", "### Take it (5 min)"),
        changed(r"\b(?:take-(?:a-step|one|it)|(?:exercise-2-)?run-it)(?:-\d+-min)?(?:-\d)?\b", "id"),
    ),
    "C307": Fault(
        MODULE,
        ("### 1. Take *one* (5 min)\n\nTake one.", "### Exercise 2: take `it` (5 min)\n\n<!-- id: take-it -->\n\nIt."),
        changed(
            r"1(?:\.|&#46;) (?=Take)|Exercise 2(?::|&#58;) (?=take|run)"
            r"|\b1-(?=take-one)|\bexercise-2-(?=take|run)|(?<=-min)_\d",
            "",
        ),
    ),
    "C402": Fault(
        HOME,
        (
            "See [it](Index.md#Top 'It').",
            "See [it][here], ![a foot](Assets/Feet.svg).\n\n[here]: ../s1_start/README.MD",
            '<img src="assets/FEET.svg" alt="A foot.">',
            "See <a href='../S1_start/first.md?x=1'>it</a>.",
        ),
        in_order(NUMBER, changed(r"(?i:index\.md|assets/feet\.svg|s1_start/\w+\.md)", str.casefold)),
    ),
    "C406": Fault(
        HOME,
        ("See [it](../s1_start/#a).", "See [it][there].\n\n[there]: ../s1_start 'Title'", "See [it](../s1_start)."),
        in_order(
            changed("https://github.com/example/course/tree/main/", "../"),
            changed(r"(?<=s1_start)(?:/README\.md|/)", ""),
        ),
    ),
    "C407": Fault(
        HOME,
        (
            "```bash\ngit clone https://github.com/somebody/course\n```",
            "Run `git clone git@github.com:somebody/course.git` or\ngit clone https://github.com/example/other now.",
            "See [a page](https://github.com/somebody/course/issues).",
        ),
        changed(r"(github\.com[:/])(?:somebody/course|example/other)", r"\1example/course"),
    ),
    "C411": Fault(
        PLAIN,
        (
            '<img src="../feet.svg" alt="A foot.">',
            "See <a href='../index.md'>it</a>, and <img alt='*' src='../feet.svg'> there.",
        ),
        in_targets(changed(r'(?:\.\./)+|index\.md|/(?=[\'"])', "")),
    ),
    "C412": Fault(
        HOME,
        (
            "See the *[first `page`] (index.md)*.",
            "See (the [page])[index.md].",
            "See (the page)[index.md] or [it] (index.md).",
        ),
        in_order(
            changed(r'<a href="index\.md">(.*?)</a>', r"\1"), changed(r" ?\(index\.md\)|\[index\.md\]|[\[\]()]", "")
        ),
    ),
    "C416": Fault(
        HOME,
        (
            "See [a](http://example.org/a 'T') and <b>b</b> [b](https://example.org).",
            "See <http://www.example.org/b>, [c][c] and [d](https://example.org).\n\n[c]: http://example.org",
        ),
        changed(r"http(?=://(?:www\.)?example\.org)", "https"),
    ),
    "C701": Fault(
        HOME,
        (
            "1. one\n\n2. two\n\n  ```bash\n  cd  x\n    ls\n  ```\n\n3. three",
            "1. one\n\nText of *one*.\n\n2. two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n3. three",
        ),
        LISTS,
    ),
    "C702": Fault(
        HOME,
        (
            "You need:\n- a *laptop*\n- an hour",
            "Do:\n1. this\n2. that\n    - and more",
            "It is:\n* a\n* `b`\n\nor not.",
        ),
        in_order(
            LISTS,
            changed(r"(?<=\n)\s*(?:[-*]|\d\.) ", "\n"),
            without("pre", "code"),  # what is indented below belongs to the last item now
        ),
    ),
    "C706": Fault(
        HOME,
        (
            '!!! note "First *steps*\n\n    Stand up.',
            "??? tip “Look”\n\n    Left.",
            '=== "One\n\n    Text.\n\nMore.',
            "!!! note 'It'\n    Stand up.",
        ),
        in_order(
            BOXES,
            changed(r"""!!! note ["']?|\?\?\? tip ["“]?|=== "?|['"”](?=\n)|&quot;""", ""),
        ),
    ),
    "C808": Fault(
        HOME,
        (
            "```python\nprint(“It’s”,\u00a0‘x’)\n```",
            "```bash\nls \u200b-l “a”\n```",
            "```yaml\n“a”: b\u2007c\n```",
        ),
        in_order(
            in_code("[\u00a0\u202f\u2007]", " "),
            in_code("\u200b", ""),
            in_code("[“”]|&quot;", '"'),
            in_code("[‘’]|&#39;", "'"),
        ),
    ),
    "C821": Fault(
        HOME,
        ("```bash\ndocker run --rm \\  \n  --publish 80:80 \\ \n  site\n```", "```console\n$ ls \\ \n> -l\na\n```"),
        in_code(r"(?<=\\) +(?=\n)", ""),
    ),
    "C823": Fault(
        HOME,
        ("```bash\n$ mkdocs build\n$ mkdocs  serve\n```", "```sh\n# all\n$ ls \\\n  -l\n\n$ cd\n```"),
        in_code(r"(?<=[\n>])\$ ", ""),
    ),
    "C901": Fault(
        HOME,
        ("It is the the *end*.", "It is a a `b`, and and that.", "> of of it"),
        changed(r"\b(the|a|and|of) \1\b", r"\1"),
    ),
    "C903": Fault(
        HOME,
        ("It is on Github *now*.", "## Of Github {.big}\n\nTo [Github](index.md)."),
        changed("Github", "GitHub"),
    ),
}


@st.composite
def texts(draw: st.DrawFn, fault: Fault) -> str:
    """A page with a fault of this kind somewhere, perhaps inside of something."""
    planted = draw(st.sampled_from(fault.planted))
    if fault.path != MODULE:  # tasks are headings, which stand in nothing
        first, others = draw(st.sampled_from(INSIDE))
        planted = first + planted.replace("\n", f"\n{others}")
    above, below = draw(surroundings())
    if fault.path == MODULE:
        text = f"{MODULE_FRONT_MATTER}# First\n\n## Exercises\n\n{above}\n\n{planted}\n\n{below}\n"
    else:
        text = f"{FRONT_MATTER}{above}\n\n{planted}\n\n{below}\n"
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def shown(course: Course, path: str, may_change: Change) -> str:
    """A page as its site renders it, but for what may change, and for how the HTML is spread over lines."""
    page, made = course.page_by_path[path], parser(course.settings.extensions)
    if course.settings.is_course:
        site = Site(course, lambda here, there: posixpath.relpath(there, posixpath.dirname(here)))
        content = site.filled(page, made.convert(site.markdown(page)))
    else:
        content = made.convert(page.source.text[page.body :].replace("\r\n", "\n"))
    return re.sub(r"\s*\n\s*", "\n", may_change(content)).strip()


@pytest.fixture
def course_with(tmp_path: Path) -> Callable[[str, str], Course]:
    """A course, or a site without sessions, with this text as one of its pages."""
    course = write(tmp_path / "course", {"docs/assets/feet.svg": "<svg/>"})
    site = tmp_path / "site"
    (site / "docs" / "part").mkdir(parents=True)
    for path, text in {"mkdocs.yml": PLAIN_SITE, "docs/index.md": "# Home\n", "docs/feet.svg": "<svg/>"}.items():
        (site / path).write_text(text)

    def written(path: str, text: str) -> Course:
        root = site if path == PLAIN else course
        (root / path).write_bytes(text.encode("utf-8", "surrogatepass"))
        return load(root)

    return written


def test_of_every_fix_it_is_said_what_it_may_change() -> None:
    assert list(FAULTS) == [rule.code for rule in rules() if rule.fixable]


@pytest.mark.parametrize("code", FAULTS)
def test_a_mended_page_renders_the_same_but_for_the_fault(course_with: Callable[[str, str], Course], code: str) -> None:
    fault, mended = FAULTS[code], 0

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
    @given(text=texts(fault))
    def renders_the_same(text: str) -> None:
        nonlocal mended
        course = course_with(fault.path, text)
        fixed = once_fixed(course, fault.path, check(course, [code]))
        if fixed != text:
            before = shown(course, fault.path, fault.may_change)
            after = course_with(fault.path, fixed)
            assert shown(after, fault.path, fault.may_change) == before
            assert once_fixed(after, fault.path, check(after, [code])) == fixed
            mended += 1

    renders_the_same()
    assert mended > EXAMPLES / 3  # else nothing was proved
