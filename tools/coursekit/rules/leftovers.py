"""Markup that readers see: signs that were to become something else and stand in the running text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import TYPE_CHECKING

from ..diagnostic import Diagnostic
from ..extensions import rewrites_pages
from ..lines import at, code_lines, lines_of, prose
from ..model import Course, Page
from ..rule import rule
from ..site import is_piece, plugins

if TYPE_CHECKING:
    from ..rendered import Rendered, Text

_RAW = {"details", "div", "section", "article", "center", "figure", "aside"}
_WITHIN = re.compile(r"\w [^`]{0,99} ``\w")  # a code span that begins before one and ends in it
_NAMED_FENCE = re.compile(r"(?<=[^\n])```\w")  # a sentence that speaks of fences
_LONG_SPAN = re.compile(r"(?<![`\\])(``+)(?!`)[^\n]*?(?<!`)\1(?!`)|` ``|`` `")
_LONG_SIGN = re.compile(r"``+ | ``+")
_PAIR = re.compile(r"`([^`\n]+)`")
_BLOCKS = "tab|details|admonition|html|define|caption|figure-caption|table-caption|note|tip|info|warning|danger"
_LEFT = (
    (
        "an attribute list",
        re.compile(r"(?<![{\]])\{:?[ ]*(?:[.#][a-zA-Z][\w-]*|[a-z-]+=[\"'][^\"'{}\n]*[\"'])[^{}\n]*\}(?!\})"),
    ),
    ("a snippet", re.compile(r"-{1,}8<-{1,}")),
    ("a link", re.compile(r"\[[^\[\]\n]{1,200}\]\((?:https?://|[\w./#-]{0,99}[./#])[^)\n]{0,300}\)?")),
    (
        "bold text",
        re.compile(r"(?<![\w*/.({\[])\*\*(?!(?:kw|args|opts|options|params|config|data|dict)\w*)(?=[^\s*/)])"),
    ),
    ("bold text", re.compile(r"(?<=[^\s*/(\[.])\*\*(?![\w*/])")),
    ("bold text", re.compile(r"(?<=\w )\*\*(?= \w)")),
    ("a task", re.compile(r"\A\[[ xX]\](?=[A-Za-z])")),
    ("a block", re.compile(rf"^///(?= ?(?:{_BLOCKS})\b)", re.M)),
)
# extension, what it reads, a sign without which there is none, and how it looks
_NEEDS = (
    ("pymdownx.emoji", "an icon", ":", re.compile(r":(?:material|fontawesome|octicons|simple)(?:-[a-z0-9]+)+:")),
    ("pymdownx.emoji", "an emoji", ":", re.compile(r"(?<![\w:/]):[a-z]{3,}(?:_[a-z]+){0,5}:(?![\w:/])")),
    ("pymdownx.tasklist", "a task", "[", re.compile(r"\A\[[ xX]\] (?=\w)")),
    ("pymdownx.quotes", "an alert", "[!", re.compile(r"\A\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]")),
    ("pymdownx.tilde", "struck-out text", "~~", re.compile(r"~~\w[^~\n]{0,200}~~")),
    ("pymdownx.mark", "marked text", "==", re.compile(r"(?<![=\w])==\w[^=\n]{0,200}==(?![=\w])")),
    ("pymdownx.keys", "a key", "++", re.compile(r"(?<!\+)\+\+[a-z][a-z0-9]*(?:\+[a-z0-9]+){0,4}\+\+(?!\+)")),
)
_TEX = re.compile(
    r"\$\$(?=[^$\s])|(?<![\w\\$])\$(?=[^\s$\d])[^$\n]{0,200}?[\\^_{=][^$\n]{0,200}?(?<=[^\s\\])\$(?![\w$])"
)
_OTHERS = {"an alert": ("callout", "gfm", "alert", "obsidian"), "a task": ("checklist", "tasks"), "an icon": ("icon",)}
_OPEN_TEX = re.compile(r"\$\$|(?<![\w\\])\$\\[A-Za-z]{2,}")
_NO_SUCH_ICON = "an icon of that name"
_OPEN_FORMULA = "the end of it"
_ESCAPED_TEX = re.compile(
    r"\\\([^()\n]{0,200}[\\^_=][^()\n]{0,200}\\\)|\\\[[^\[\]\n]{0,200}[\\^_=][^\[\]\n]{0,200}\\\]"
)
_TEX_SCRIPTS = re.compile(r"mathjax|katex|asciimath", re.I)


def is_raw(rendered: Rendered, node: int) -> bool:
    """Whether text stands directly in a block of HTML, where Markdown is not read."""
    return node >= 0 and rendered.nodes[node].tag in _RAW and "admonition" not in str(rendered.nodes[node].attributes)


def _texts(rendered: Rendered) -> Iterator[Text]:
    """The running text: no code, no formulas, nothing inside HTML that Markdown does not read."""
    return (text for text in rendered.running_texts if not is_raw(rendered, text.node))


def _line(page: Page, text: Text, offset: int, needle: str) -> tuple[int, int]:
    """Line and column of a sign that stands at an offset in a rendered text."""
    lines = lines_of(page)
    start = max(text.line, 1)
    likely = start + text.text.count("\n", 0, offset)
    for number in (likely, *range(start, min(start + 40, len(lines)) + 1), *range(1, start)):
        line = lines[number - 1] if number <= len(lines) else ""
        if needle in line or needle in line.replace("\\", ""):
            return number, max(line.find(needle), 0) + 1
    return min(likely, len(lines)), 1


def _rendered(course: Course) -> Iterator[tuple[Page, Rendered]]:
    for page in course.pages:
        rendered = course.rendered.get(page.path)
        if rendered:
            yield page, rendered


@rule("C709")
def backtick_left_over(course: Course) -> Iterator[Diagnostic]:
    """A backtick shows on the page, or pairs up with the wrong one.

    One of a pair is missing, or there is one too many. From there on code looks like text and text like code.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        Type `cd and press Enter.

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        Type `cd` and press Enter.
    """
    for page, rendered in _rendered(course):
        lines, code = lines_of(page), code_lines(page)
        found: dict[int, int] = {}
        for text in _texts(rendered):
            if (offset := text.text.find("`")) >= 0 and not _NAMED_FENCE.search(text.text):
                number, column = _line(page, text, offset, "`")
                if "\\`" not in lines[number - 1] and "&#96;" not in lines[number - 1] and number not in code:
                    found.setdefault(number, column)
        for text in rendered.texts:
            if "`" in text.text and text.node >= 0 and rendered.nodes[text.node].tag == "code":
                number, column = _line(page, text, 0, "`")
                about = _LONG_SPAN if "\n" not in text.text else _LONG_SIGN
                quoted = about.search(lines[number - 1])  # code that is about backticks
                if ((text.text[0] == "`" or text.text[-1] == "`") and not quoted) or _WITHIN.search(text.text):
                    found.setdefault(number, column)
        for number, column in _mispaired(lines, code):
            if number in rendered.places and "pre" not in rendered.tags(number):
                found.setdefault(number, column)
        for number, column in sorted(found.items()):
            message = "A backtick shows on the page or encloses the wrong words."
            yield Diagnostic(at(page, number, column), message, "Put one on each side of the code, and none elsewhere.")


def _mispaired(lines: Sequence[str], code: AbstractSet[int]) -> Iterator[tuple[int, int]]:
    """Where code begins or ends with a blank although a word touches its backtick from outside."""
    odd = False  # whether a pair is open that began on a line above
    for number, line in enumerate(lines, 1):
        if number in code or not line.strip():
            odd = False
        elif "``" in line or "\\`" in line:
            odd = True  # not ours to judge up to the next blank line
        elif "`" in line and not odd:
            for match in _PAIR.finditer(line):
                before, after = line[: match.start()][-1:], line[match.end() : match.end() + 1]
                if (match[1][-1] == " " and after.isalnum()) or (match[1][0] == " " and before.isalnum()):
                    yield number, match.start() + 1
                    break
            odd = line.count("`") % 2 == 1


@rule("C710")
def markup_left_over(course: Course) -> Iterator[Diagnostic]:
    """Markup of a link, bold text, attributes, a snippet or a block shows on the page.

    Something in it keeps Markdown from reading it: a blank in an address, a line break, a sign too many.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        The first **day is short.

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        The first **day** is short.
    """
    for page, rendered in _rendered(course):
        done: set[tuple[int, str]] = set()
        lines, code = lines_of(page), code_lines(page)
        cut = is_piece(course.settings, page.path)  # into parts with names, which show nowhere else
        for found in _odd_stars(page, rendered):
            done.add((found.location.line, "bold text"))
            yield found
        for text in _texts(rendered):
            if not any(sign in text.text for sign in ("{", "8<", "](", "**", "///", "[")):
                continue
            for what, pattern in _LEFT:
                for match in () if cut and what == "a snippet" else pattern.finditer(text.text):
                    shown = match[0].split("\n")[0]
                    number, column = _line(page, text, match.start(), shown.split("(")[0])
                    escaped = "\\" in lines[number - 1] or "&#" in lines[number - 1]
                    if text.node >= 0 and rendered.nodes[text.node].tag == "td" and "|" not in lines[number - 1]:
                        continue  # a cell of a table in HTML, which Markdown does not read
                    if (number, what) not in done and number not in code and not escaped:
                        done.add((number, what))
                        message = f"The markup of {what} shows on the page: `{shown[:60]}`."
                        yield Diagnostic(at(page, number, column), message, _why_left(course, what))


def _odd_stars(page: Page, rendered: Rendered) -> Iterator[Diagnostic]:
    """A star that touches emphasised text from outside, or from inside: `**bold*`."""
    texts = list(_texts(rendered))
    for one, other in pairwise(texts):
        if one.node < 0 or other.node < 0:
            continue
        nodes = rendered.nodes
        opened = nodes[other.node].tag in ("em", "strong") and nodes[other.node].parent == one.node
        closed = nodes[one.node].tag in ("em", "strong") and nodes[one.node].parent == other.node
        if (opened and one.text.endswith("*")) or (closed and other.text.startswith("*")):
            inner = (other if opened else one).text.strip("*")
            number, column = _line(page, one, len(one.text), inner.split("\n")[0][:40])
            if "\\*" not in lines_of(page)[number - 1]:
                message = f"The stars around `{inner[:40].strip()}` do not match, so that one of them shows."
                yield Diagnostic(at(page, number, column), message, "Write as many on both sides.")


def _why_left(course: Course, what: str) -> str:
    if what == "an attribute list":
        if "attr_list" not in course.settings.extensions:
            return "Add `attr_list` to `markdown_extensions` in mkdocs.yml."
        return "Write it directly behind what it is about, without a blank, or behind a blank at the end of a heading."
    if what == "a snippet" and "pymdownx.snippets" not in course.settings.extensions:
        return "Add `pymdownx.snippets` to `markdown_extensions` in mkdocs.yml."
    if what == "a link":
        return "Write `[text](address)` on one line, with no blank in the address."
    return "Write both ends of it, with no blank inside; put code into backticks."


@rule("C711")
def markup_without_extension(course: Course) -> Iterator[Diagnostic]:
    """Markup shows on the page because the extension that reads it is not in `mkdocs.yml`.

    Icons, tasks, keys, marked and struck-out text, alerts and formulas are no part of plain Markdown.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        Press the button :material-play: to begin.

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        Press the button ▶ to begin.
    """
    missing = [need for need in _NEEDS if need[0] not in course.settings.extensions]
    if "pymdownx.emoji" in course.settings.extensions:
        missing.append((_NO_SUCH_ICON, *_NEEDS[0][1:]))  # it shows only where the theme has no such icon
    if rewrites_pages(course.settings):
        missing = [need for need in missing if need[1] != "an emoji"]
    missing = [need for need in missing if not _is_read_otherwise(course, need[1])]
    formulas = not _reads_formulas(course)
    if formulas:
        missing.append(("pymdownx.arithmatex", "a formula", "$", _TEX))
    if "pymdownx.arithmatex" in course.settings.extensions:
        missing.append((_OPEN_FORMULA, "a formula", "$", _OPEN_TEX))
    for page, rendered in _rendered(course):
        if formulas:
            yield from _eaten_formula(page, rendered)
        for extension, what, sign, pattern in missing:
            if sign in page.source.text:
                yield from _first_left(page, rendered, extension, what, sign, pattern)


def _is_read_otherwise(course: Course, what: str) -> bool:
    """Whether the name of some other plugin or extension says that it reads such a thing."""
    names = " ".join((*plugins(course.settings), *course.settings.extensions))
    return any(word in names for word in _OTHERS.get(what, ()))


def _first_left(
    page: Page, rendered: Rendered, extension: str, what: str, sign: str, pattern: re.Pattern[str]
) -> Iterator[Diagnostic]:
    """The first place where markup shows; one is enough to say that an extension is missing."""
    for text in rendered.running_texts:
        match = pattern.search(text.text) if sign in text.text else None
        if match and not is_raw(rendered, text.node):
            shown = match[0].split("\n")[0]
            number, column = _line(page, text, match.start(), shown)
            message = f"The markup of {what} shows on the page: `{shown[:60]}`."
            hint = f"Add `{extension}` to `markdown_extensions` in mkdocs.yml, or write it otherwise."
            if extension == _NO_SUCH_ICON:
                hint = "The theme has no icon of this name; look it up in Material's list of icons."
            if extension == _OPEN_FORMULA:
                hint = "Close it by the same sign, with no blank before that."
            yield Diagnostic(at(page, number, column), message, hint)
            return


def _eaten_formula(page: Page, rendered: Rendered) -> Iterator[Diagnostic]:
    for number, line in enumerate(prose(page), 1):
        match = _ESCAPED_TEX.search(line) if "\\(" in line or "\\[" in line else None
        if match and number in rendered.places and "pre" not in rendered.tags(number):
            message = f"The markup of a formula is lost on the page: `{match[0][:60]}`."
            hint = "Add `pymdownx.arithmatex` to `markdown_extensions` in mkdocs.yml, or write it otherwise."
            yield Diagnostic(at(page, number, match.start() + 1), message, hint)
            return


def _reads_formulas(course: Course) -> bool:
    scripts = course.settings.top.get("extra_javascript")
    return (
        "pymdownx.arithmatex" in course.settings.extensions
        or bool(scripts and _TEX_SCRIPTS.search(str(scripts.value)))
        or any("math" in name or "katex" in name for name in course.settings.extensions)
    )


_ELEMENT_NAMES = """
    a abbr acronym address animate animatetransform annotation applet area article aside audio b base bdi bdo big
    blink blockquote body br button canvas caption center circle cite clippath code col colgroup data datalist dd
    defs del desc details dfn dialog dir div dl dt ellipse em embed fieldset figcaption figure filter font footer
    foreignobject form frame frameset g h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe image img input ins
    kbd label legend li line lineargradient link main map mark marker marquee mask math menu meta meter mfrac mi
    mn mo mrow msqrt msub msup mtable mtd mtext mtr nav nobr noscript object ol optgroup option output p param
    path pattern picture polygon polyline portal pre progress q radialgradient rect rp rt ruby s samp script
    search section select semantics slot small source span stop strike strong style sub summary sup svg symbol
    table tbody td template text textarea tfoot th thead time title tr track tspan tt u ul use var video wbr
"""
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
_DUNDER = re.compile(
    r"(?<![\w`_])__(?:add|all|bool|call|class|contains|dict|doc|enter|eq|exit|file|float|getitem|hash|init|int|iter|len|lt|main"
    r"|mul|name|new|next|post_init|repr|setitem|slots|str|sub|version)__(?![\w`_])"
)


@rule("C712")
def placeholder_eaten(course: Course) -> Iterator[Diagnostic]:
    """A placeholder such as `<your-name>` is taken for HTML, or a name such as `__init__` for bold text.

    The browser knows no such element, so nothing is where the name should be; of the other the underscores are lost.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        Open the folder <your-name> and look around.

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        Open the folder `<your-name>` and look around.
    """
    for page, rendered in _rendered(course) if "hooks" not in course.settings.top else ():  # they may fill them in
        yield from _bold_names(page, rendered)
        whole = "\n".join(prose(page))
        lowered = whole.lower()
        for node in rendered.nodes:
            tag = node.tag
            if tag in _ELEMENTS or f"</{tag}" in lowered or not re.fullmatch(r"[a-z][\w.-]*", tag):
                continue
            pattern = re.compile(rf"<{re.escape(tag)}(?=[\s/>])[^<>\n]*>", re.I)
            lines = prose(page)
            for number in (*range(max(node.line, 1), len(lines) + 1), *range(1, node.line)):
                if match := pattern.search(lines[number - 1]):
                    message = f"`{match[0][:60]}` is taken for HTML and does not show."
                    yield Diagnostic(at(page, number, match.start() + 1), message, "Put it into backticks.")
                    break


def _bold_names(page: Page, rendered: Rendered) -> Iterator[Diagnostic]:
    for text in _texts(rendered):
        name = f"__{text.text}__"
        if text.node >= 0 and rendered.nodes[text.node].tag == "strong" and _DUNDER.fullmatch(name):
            number, column = _line(page, text, 0, name)
            if name in lines_of(page)[number - 1]:
                message = f"`{name}` is taken for bold text and shows without its underscores."
                yield Diagnostic(at(page, number, column), message, "Put it into backticks.")


@rule("C713")
def comment_not_closed(course: Course) -> Iterator[Diagnostic]:
    """A comment is opened and never closed.

    What follows is lost, or shows together with the signs of the comment.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        <!-- to be written

        The first day.

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        <!-- to be written -->

        The first day.
    """
    for page in course.pages:
        if "<!--" in page.source.text:
            for number, line in enumerate(prose(page), 1):
                if (column := line.find("<!--")) >= 0 and "pre" not in _tags(course, page, number):
                    yield Diagnostic(
                        at(page, number, column + 1), "This comment is not closed.", "Close it with `-->`."
                    )
                    break


def _tags(course: Course, page: Page, line: int) -> list[str]:
    rendered = course.rendered.get(page.path)
    return rendered.tags(line) if rendered else []


_BLOCK = re.compile(r"<(?P<close>/)?(?P<tag>details|div|figure|table|section|center)\b[^<>]*?(?P<empty>/)?>", re.I)


@rule("C714")
def element_not_closed(course: Course) -> Iterator[Diagnostic]:
    """A `<details>`, `<div>` or other block of HTML is opened and never closed, or closed and never opened.

    Everything below ends up inside it: the rest of the page in the fold of one answer.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        <div class="wide" markdown>

        The first day.

        ## The second day

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        <div class="wide" markdown>

        The first day.

        </div>

        ## The second day
    """
    for page in course.pages:
        opened: list[tuple[str, int, int]] = []
        for number, line in enumerate(prose(page), 1):
            for match in _BLOCK.finditer(line) if "<" in line else ():
                tag = match["tag"].lower()
                if "pre" in _tags(course, page, number) or match["empty"]:
                    continue
                if not match["close"]:
                    opened.append((tag, number, match.start() + 1))
                elif any(other == tag for other, _, _ in opened):
                    while opened and opened[-1][0] != tag:
                        yield _not_closed(page, *opened.pop())
                    opened.pop()
                else:
                    message = f"`</{tag}>` closes nothing."
                    yield Diagnostic(
                        at(page, number, match.start() + 1), message, "Take it out, or open what it closes."
                    )
        for tag, number, column in opened:
            yield _not_closed(page, tag, number, column)


def _not_closed(page: Page, tag: str, number: int, column: int) -> Diagnostic:
    hint = f"Write `</{tag}>` on a line of its own where it ends."
    return Diagnostic(at(page, number, column), f"`<{tag}>` is not closed.", hint)


@rule("C715")
def markdown_in_html(course: Course) -> Iterator[Diagnostic]:
    """Markdown inside an HTML block shows as it was typed.

    Markdown leaves the content of HTML blocks alone, unless `md_in_html` is in use and the block says `markdown`.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        <div class="wide">

        The **first** day:

        - begins at nine

        </div>

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        <div class="wide" markdown>

        The **first** day:

        - begins at nine

        </div>
    """
    for page, rendered in _rendered(course):
        done: set[int] = set()
        for text in rendered.running_texts:
            node = rendered.nodes[text.node] if text.node >= 0 else None
            if node is None or node.tag not in _RAW or text.node in done or not _TYPED_MARKDOWN.search(text.text):
                continue
            pattern = re.compile(rf"<{node.tag}\b", re.I)
            lines = prose(page)
            above = (n for n in range(min(text.line, len(lines)), 0, -1) if pattern.search(lines[n - 1]))
            number = next(above, 0)
            if number and "markdown" not in lines[number - 1]:
                done.add(text.node)
                message = f"The Markdown inside this `<{node.tag}>` shows as it was typed."
                hint = f"Write `<{node.tag} markdown>`, and have `md_in_html` in `markdown_extensions`."
                yield Diagnostic(at(page, number, pattern.search(lines[number - 1]).start() + 1), message, hint)  # type: ignore[union-attr]


_TYPED_MARKDOWN = re.compile(
    r"\*\*\w[^*\n]{0,200}\*\*|\[[^\[\]\n]{1,200}\]\([^()\s]{1,300}\)|`[^`\n]{1,200}`|^#{1,6} \w|^```|^!!! \w", re.M
)
