"""Fences: the language they name, the lines they point at, the characters that were typeset instead of typed."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterator

from ..code import ALIASES, Code, codes, named_language, option
from ..diagnostic import Diagnostic, Edit, Fix
from ..fields import near
from ..model import Course, Snippet
from ..paths import snippet_file
from ..rule import rule
from ..syntax import words
from ..syntax.detect import detected
from ..syntax.python import outside_literals, tree
from ..syntax.shell import SESSIONS, SHELLS, WINDOWS, shape, without

_USUAL = frozenset(
    words(
        "python bash yaml json toml dockerfile docker console text markdown html ini shell sh diff sql css js "
        "javascript typescript powershell"
    )
)
_PLAIN = frozenset(
    words(
        "txt plain plaintext none output log env dotenv gitignore dockerignore csv tsv tree mermaid math latex "
        "tex jsonc json5 jsonl ndjson workflow bibtex vegalite plotly dot graphviz d2 plantuml kroki svgbob "
        "terminal termynal snippet svg mdx conf cfg hcl ignore gitattributes out result results prompt "
        "requirements title ascii critic-markup pyodide usage "
        "puml blockdiag seqdiag actdiag nwdiag ditaa erd excalidraw nomnoml wavedrom vega bpmn structurizr geojson"
    )
)
_MEANT = {"cmd": "bat", "cli": "console", "command": "console", "tpl": "jinja"}
_CUSTOM_FENCE = re.compile(r"^[ \t]*-?[ \t]*name:[ \t]*['\"]?([\w-]+)", re.M)
_SAME = ({"bash", "console"}, {"yaml", "json"}, {"toml", "ini"}, {"python", "pycon"})
_FAMILY = {
    **dict.fromkeys((*SHELLS, *SESSIONS), "bash"),
    **{name: name for name in ("python", "yaml", "json", "toml", "dockerfile", "ini")},
    "pycon": "python",
    "ipython": "python",
    "jsonc": "json",
}
_PROMPTED = re.compile(r"^[ \t]*(?:[$>%]|>>>|In \[\d*\]:)[ \t]", re.M)
_HL_LINES = re.compile(r"\d+(?:-\d+)?(?:[ \t]+\d+(?:-\d+)?)*")
_LINENUMS = re.compile(r"\d+(?:[ \t]+\d+){0,2}")
_UNQUOTED = re.compile(r"\b(hl_lines|linenums|title)=(?![\"'])(\S*)")
_INFO_OPTION = re.compile(r"""\b(?P<key>hl_lines|linenums|title)=(?P<quote>["'“”‘’])(?P<value>[^"'“”‘’]*)(?P<end>.?)""")
_JSON_WORD = re.compile(r"\b(?:null|true|false)\b")
_RARE = 2
_USUALLY = 4  # times as many blocks have a language as have none
_OUTPUT = re.compile(r"\b(?:outputs?|prints?|printed|results?|returns?|response|shows?|looks? like)\b", re.I)
_QUOTED_OPTION = re.compile(r"""[ \t]+[a-zA-Z_]\w*=(?:"[^"]*"|'[^']*')(?=[ \t]|$)""")
_INCLUDED = re.compile(r"^[ \t]*(?:-{1,}8<-{1,}|\{[!*%]|@@|\[\[)|\{\{", re.M)
_OPEN_SNIPPET = re.compile(r"^[ \t>]*-{1,}8<-{1,}[ \t]+([\"'])[^\"'\n]+$", re.M)
_SECTION = re.compile(r"-{1,}8<-{1,}[ \t]+\[[ \t]*(?P<what>start|end)[ \t]*:[ \t]*(?P<name>[\w-]+)[ \t]*\]")
_RANGES = re.compile(r"-?\d*(?::-?\d*)?(?:,-?\d*(?::-?\d*)?)*")
_TYPESET = {
    "\u00a0": (" ", "a no-break space"),
    "\u202f": (" ", "a narrow no-break space"),
    "\u2007": (" ", "a figure space"),
    "\u200b": ("", "a zero-width space"),
    "\u2060": ("", "a word joiner, which cannot be seen"),
    "\ufeff": ("", "a byte order mark, which cannot be seen"),
    "“": ('"', "a typographic quote"),
    "”": ('"', "a typographic quote"),
    "„": ('"', "a typographic quote"),
    "‘": ("'", "a typographic quote"),
    "’": ("'", "a typographic quote"),
}
_TYPESET_SIGNS = re.compile(
    f"(?!(?<=\\w)’\\w)[{''.join(_TYPESET)}]|(?<!\\S)-?[–—]-?(?=[A-Za-z][\\w-]*(?:[=\\s]|$))", re.M
)
_GENERAL = re.compile(
    r"\d|^(?:main|app|index|example\w*|config\w*|test\w*|solution|starter|exercise\w*|workflow|compose|Dockerfile|script|\W.*)$|\s"
)
_DRAWN = re.compile(r"[─-╿]")
_TYPESET_IN = frozenset((*SHELLS, *SESSIONS, *WINDOWS, "python", "pycon", "yaml", "json", "toml", "dockerfile", "ini"))


def plain(code: Code) -> str:
    """The text of a block as it was meant to be typed, of the same length: what C808 reports is not reported again."""
    text = code.text
    pieces, at = [], 0
    for hit in _typeset_signs(code):
        typed = _TYPESET.get(hit[0], ("-" * len(hit[0]), ""))[0] or " "
        pieces += [text[at : hit.start()], typed]
        at = hit.end()
    return "".join([*pieces, text[at:]])


def judged(course: Course, *languages: str) -> Iterator[tuple[Code, str]]:
    """The blocks that are certainly in one of these languages, each with its text."""
    for code in codes(course):
        if code.certain and code.language in languages and not contradiction(code):
            yield code, plain(code)


@rule("C801")
def unknown_language(course: Course) -> Iterator[Diagnostic]:
    """A block names a language that the highlighter does not know.

    It is shown without colours, and mostly the name is a slip of the pen.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```pyhton
        print("Hello")
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```python
        print("Hello")
        ```
    """
    own: frozenset[str] | None = None
    unknown: dict[str, list[Code]] = {}
    for code in codes(course):
        name = named_language(code.fence.info).lower()
        if not name or code.language in _FAMILY or name in _USUAL | _PLAIN or _holds_code(code.fence.info):
            continue
        if own is None:
            own = _names(course)
        if name not in own and not own.issuperset(name.split("+")) and not name.startswith("kroki-"):
            unknown.setdefault(name, []).append(code)
    for name, blocks in unknown.items():
        meant = _MEANT.get(name) or near(name, sorted(_USUAL))
        hint = f"Did you mean `{meant}`?" if meant else "For what needs no colours, write `text`."
        for code in blocks if meant or len(blocks) <= _RARE else ():  # else it is a word of the site's own
            written = named_language(code.fence.info)
            yield Diagnostic(code.opening, f"`{written}` is no language that can be highlighted.", hint)


def _names(course: Course) -> frozenset[str]:
    """What Pygments knows, and the fences that the site's settings define."""
    from pygments.lexers import get_all_lexers  # type: ignore[import-untyped]

    known = {alias.lower() for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases}
    return frozenset(known | set(_CUSTOM_FENCE.findall(course.settings.source.text)))


@rule("C802")
def language_missing(course: Course) -> Iterator[Diagnostic]:
    """A block without a language is certainly in one that could be highlighted.

    Python, commands, YAML, JSON, TOML and Dockerfiles are recognised. Other blocks may do without, and so may
    commands where most blocks of commands on the site do.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```
        from pathlib import Path

        print(Path.cwd())
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```python
        from pathlib import Path

        print(Path.cwd())
        ```
    """
    if re.search(r"^\s*(?:default_lang|guess_lang:\s*true|use_pygments:\s*false)", course.settings.source.text, re.M):
        return
    missing: dict[str, list[Code]] = {}
    for code in codes(course):
        if code.certain and not code.fence.info and not _is_output(code) and (found := detected(code.text)):
            missing.setdefault(found, []).append(code)
    for found, blocks in missing.items():
        if found == "bash" and len(blocks) > 1 and _marked(course, found) < _USUALLY * len(blocks):
            continue  # to leave commands plain is a custom of this site
        for code in blocks:
            message = f"The language of this block is missing; it is {_NAMES[found]}."
            yield Diagnostic(code.opening, message, f"Write `{found}` behind the opening fence.")


def _is_output(code: Code) -> bool:
    """Whether the line above a block announces what some program printed."""
    before = code.page.source.text[max(code.fence.span.start - 300, 0) : code.fence.span.start].rstrip()
    return bool(_OUTPUT.search(before.rpartition("\n")[2]))


def _marked(course: Course, family: str) -> int:
    return sum(_FAMILY.get(code.language) == family for code in codes(course))


_NAMES = {
    "python": "Python",
    "pycon": "a session of Python",
    "bash": "commands for a shell",
    "yaml": "YAML",
    "json": "JSON",
    "toml": "TOML",
    "dockerfile": "a Dockerfile",
}


def contradiction(code: Code) -> str:
    """The language that a block is certainly in although it names another one; empty where they agree."""
    declared = _FAMILY.get(code.language)
    if declared is None or not code.certain or _INCLUDED.search(code.text):
        return ""
    if declared == "bash" and code.language in SHELLS and code.text.lstrip().startswith(">>> "):
        return "pycon"
    found = detected(code.text)
    if not found or found == declared or any({found, declared} <= same for same in _SAME):
        return ""
    if declared == "bash" and (
        _PROMPTED.search(code.text) or (found in ("json", "yaml", "toml") and "<<" in code.text)
    ):
        return ""
    if declared == "python" and tree(code.text) is not None and found in ("json", "yaml"):
        if found == "json":
            return found if _JSON_WORD.search(outside_literals(code.text)) else ""
        return found if _yaml_for_certain(code.text) else ""
    return found


def _yaml_for_certain(text: str) -> bool:
    return any(line.lstrip().startswith("- ") for line in text.split("\n"))


@rule("C803")
def language_contradicts_content(course: Course) -> Iterator[Diagnostic]:
    """A block says that it is in one language and is certainly in another.

    Its colours are wrong, and readers paste it into the wrong program.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```python
        pip install mkdocs
        mkdocs serve
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```bash
        pip install mkdocs
        mkdocs serve
        ```
    """
    for code in codes(course):
        if found := contradiction(code):
            message = f"This block is marked as `{named_language(code.fence.info)}`; it is {_NAMES[found]}."
            yield Diagnostic(code.opening, message, f"Write `{found}` behind the opening fence.")


@rule("C804")
def unreadable_fence_options(course: Course) -> Iterator[Diagnostic]:
    """An option behind the language of a block is written so that it cannot be read.

    The site then ignores the option, or shows the whole block as running text: values stand in straight quotes,
    lines to highlight are numbers and ranges with blanks between them.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```python hl_lines="1,2"
        import sys
        print(sys.version)
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```python hl_lines="1 2"
        import sys
        print(sys.version)
        ```
    """
    strict = "superfences" in course.settings.source.text and "relaxed_headers" not in course.settings.source.text
    stray: dict[str, list[Code]] = {}
    for code in codes(course):
        if reason := _unreadable(code.fence.info):
            message, hint = reason
            yield Diagnostic(code.opening, message, hint)
        elif strict and (word := _stray_word(code.fence.info)):
            stray.setdefault(word, []).append(code)
    for word, places in stray.items():
        if len(places) <= _RARE or _holds_code(places[0].fence.info):  # else a plugin knows what it means
            for code in places:
                message = f"`{word}` behind the language is no option, so the block is not taken for code."
                hint = 'Write only `title="…"`, `hl_lines="…"` or `linenums="…"` there.'
                if _holds_code(code.fence.info):
                    message = "The code begins on the line of its fence, so the block is not taken for code."
                    hint = "Write the language there, and the code from the next line on."
                yield Diagnostic(code.opening, message, hint)


def _holds_code(info: str) -> bool:
    """Whether the first line of the code stands where the language belongs."""
    return info.startswith(("from ", "import "))


def _stray_word(info: str) -> str:
    """A word that is no option: PyMdown takes such a fence for running text."""
    first = info.split(maxsplit=1)[0] if info else ""
    known = first.lower() in _USUAL or ALIASES.get(first.lower(), "") in _USUAL or _holds_code(info)
    rest = _QUOTED_OPTION.sub("", info[len(first) :])
    return rest.split()[0] if known and "{" not in info and "=" not in rest and rest.strip() else ""


def _unreadable(info: str) -> tuple[str, str] | None:
    if info.count("{") != info.count("}") and "{" in info.partition("=")[0]:
        return "The brace behind this fence is not closed, so the block is not taken for code.", "Close it by `}`."
    if "=" not in info:
        return None
    if info.count('"') % 2 and "'" not in info:
        return "A quote behind this fence is not closed, so the block is not taken for code.", 'Close it by `"`.'
    for match in _INFO_OPTION.finditer(info):
        key, value = match["key"], match["value"]
        if match["quote"] in "“”‘’" or match["end"] in tuple("“”‘’"):
            return f"The value of `{key}` stands in typographic quotes.", f'Write `{key}="{value}"`.'
        pattern = {"hl_lines": _HL_LINES, "linenums": _LINENUMS}.get(key)
        if pattern and not pattern.fullmatch(value):
            right = '`hl_lines="1 3-5"`' if key == "hl_lines" else '`linenums="1"`'
            return f"`{key}` cannot be read: `{value}`.", f"Write it like {right}."
        if key == "hl_lines" and (reversed_range := _reversed(value)):
            return f"`hl_lines` has the range `{reversed_range}`, which ends before it begins.", ""
    if not info.startswith("{") and "{" not in info and (unquoted := _UNQUOTED.search(info)):
        return f"The value of `{unquoted[1]}` has no quotes.", f'Write `{unquoted[1]}="{unquoted[2]}"`.'
    return None


def _reversed(value: str) -> str:
    for part in value.split():
        first, _, last = part.partition("-")
        if last and int(first) > int(last):
            return part
    return ""


@rule("C805")
def highlighted_line_missing(course: Course) -> Iterator[Diagnostic]:
    """`hl_lines` highlights a line that the block does not have, or an empty one.

    The code changed, and the numbers stayed.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```python hl_lines="3"
        import sys
        print(sys.version)
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```python hl_lines="2"
        import sys
        print(sys.version)
        ```
    """
    for code in codes(course):
        value = option(code.fence.info, "hl_lines")
        if not value or not code.certain or _unreadable(code.fence.info):
            continue
        lines = _shown(course, code)
        if lines is None or not any(line.strip() for line in lines):
            continue
        for part in _runs(value):
            if message := _beside(part, lines):
                yield Diagnostic(code.opening, message, "Count from the first line of the block.")
                break


def _runs(value: str) -> list[str]:
    """The ranges of `hl_lines`, those that touch each other as one.

    >>> _runs("1 3 4-5 6 9")
    ['1', '3-6', '9']
    """
    runs: list[list[int]] = []
    for part in value.split():
        first, _, last = part.partition("-")
        if runs and int(first) == runs[-1][1] + 1:
            runs[-1][1] = int(last or first)
        else:
            runs.append([int(first), int(last or first)])
    return [f"{first}-{last}" if first != last else str(first) for first, last in runs]


def _beside(part: str, lines: list[str]) -> str:
    first, _, last = part.partition("-")
    if int(last or first) > len(lines) or int(first) < 1:
        has = "one line" if len(lines) == 1 else f"{len(lines)} lines"
        return f"`hl_lines` names line {last or first}; the block has {has}."
    if not any(line.strip() for line in lines[int(first) - 1 : int(last or first)]):
        return f"`hl_lines` highlights line {part}, which is empty."
    return ""


def _shown(course: Course, code: Code) -> list[str] | None:
    """The lines of a block with its snippets put in; None where they cannot be known."""
    by_line = {snippet.span.start: snippet for snippet in code.snippets}
    shown: list[str] = []
    for line in code.lines:
        if _INCLUDED.match(line.text):
            snippet = next((s for start, s in by_line.items() if start <= line.offset < s.span.end), None)
            lines = _snippet_lines(course, snippet) if snippet else None
            if lines is None:
                return None
            shown += lines
        else:
            shown.append(line.text)
    if shown and not shown[0].strip():
        return None  # the highlighter may drop empty lines at the top
    return shown


def _text(course: Course, snippet: Snippet) -> str | None:
    """What stands in the file of a snippet; None where that cannot be known."""
    path = snippet_file(course.files, course.settings.docs_dir, snippet.path)
    return (course.read(path) or None) if path and not path.endswith(".md") else None


def _snippet_lines(course: Course, snippet: Snippet) -> list[str] | None:
    text = _text(course, snippet)
    if text is None:
        return None
    lines = text.splitlines()
    if not snippet.part:
        return [line for line in lines if not _SECTION.search(line)]
    if not _RANGES.fullmatch(snippet.part):
        return _section(lines, snippet.part)
    shown = []
    for part in snippet.part.split(","):
        first, colon, last = part.partition(":")
        begin, end = int(first or 1), int(last or len(lines))
        if begin < 0 or end < 0:
            return None
        shown += lines[max(begin, 1) - 1 : end if colon else None]
    return shown


def _section(lines: list[str], name: str) -> list[str] | None:
    inside, found, shown = False, False, []
    for line in lines:
        mark = _SECTION.search(line)
        if mark and mark["name"] == name:
            inside, found = mark["what"] == "start", True
        elif inside and not mark:
            shown.append(line)
    return shown if found else None


@rule("C806")
def snippet_part_missing(course: Course) -> Iterator[Diagnostic]:
    """A snippet names lines or a section that its file does not have, or its path is not closed by a quote.

    The site shows less than was meant, or an empty block.

    Bad:

        ### hello.py
        print("Hello")

        ### CONTRIBUTING.md
        # Contributing

        ```python
        --8<-- "hello.py:2:5"
        ```

    Good:

        ### hello.py
        print("Hello")

        ### CONTRIBUTING.md
        # Contributing

        ```python
        --8<-- "hello.py:1:1"
        ```
    """
    for page in (*course.documents, *course.pages):
        for snippet in page.snippets:
            text = _text(course, snippet) if snippet.part else None
            if text and (message := _missing_part(snippet, text.splitlines())):
                yield Diagnostic(page.at(snippet.target_span.start), message, "Look at the file as it is now.")
        for line in _OPEN_SNIPPET.finditer(page.source.text):
            yield Diagnostic(page.at(line.start(1)), "The path of this snippet has no closing quote.", "Close it.")


def _missing_part(snippet: Snippet, lines: list[str]) -> str:
    if not _RANGES.fullmatch(snippet.part):
        if _section(lines, snippet.part) is None:
            return f"`{snippet.path}` has no section `{snippet.part}`."
        return ""
    numbers = [int(number) for number in re.findall(r"-?\d+", snippet.part)]
    beyond = next((number for number in numbers if abs(number) > len(lines)), None)
    return f"`{snippet.path}` has no line {beyond}; it has {len(lines)}." if beyond else ""


@rule("C807")
def title_names_other_file(course: Course) -> Iterator[Diagnostic]:
    """The title of a block names another existing file than the one that it shows.

    Readers look for the code in the wrong file.

    Bad:

        ### hello.py
        print("Hello")

        ### goodbye.py
        print("Goodbye")

        ### CONTRIBUTING.md
        # Contributing

        ```python title="goodbye.py"
        --8<-- "hello.py"
        ```

    Good:

        ### hello.py
        print("Hello")

        ### goodbye.py
        print("Goodbye")

        ### CONTRIBUTING.md
        # Contributing

        ```python title="hello.py"
        --8<-- "hello.py"
        ```
    """
    for code in codes(course):
        if not code.title or len(code.snippets) != 1 or len(code.text.split("\n")) > 3:
            continue
        snippet = code.snippets[0]
        shown = snippet_file(course.files, course.settings.docs_dir, snippet.path)
        named = posixpath.basename(code.title.strip("`"))
        if not shown or named == posixpath.basename(shown):
            continue
        if f"{posixpath.dirname(shown)}/{named}".lstrip("/") in course.files or _differ(named, shown):
            message = f"The title says `{code.title}`; the block shows `{snippet.path}`."
            yield Diagnostic(code.opening, message, "Name the file that is shown, or show the one that is named.")


def _differ(named: str, shown: str) -> bool:
    """Whether two files of one kind have telling names that have nothing in common."""
    (one, suffix), (other, other_suffix) = posixpath.splitext(named), posixpath.splitext(posixpath.basename(shown))
    telling = not any(_GENERAL.search(stem) for stem in (one, other))
    return bool(suffix) and suffix == other_suffix and telling and one not in other and other not in one


@rule("C808", fixable=True)
def typographic_character_in_code(course: Course) -> Iterator[Diagnostic]:
    """Code holds a typographic quote or dash, a no-break space, or a character that cannot be seen.

    A word processor or a chat put it there. It looks right and fails when it is pasted. Strings and comments
    may hold quotes and dashes.

    Bad:

        ### CONTRIBUTING.md
        # Contributing

        ```python
        print(“Hello”)
        ```

    Good:

        ### CONTRIBUTING.md
        # Contributing

        ```python
        print("Hello")
        ```
    """
    for code in codes(course):
        if hits := _typeset_signs(code):
            yield _typeset(code, hits)


def _typeset_signs(code: Code) -> list[re.Match[str]]:
    """Where a sign stands in code that was typeset and not typed."""
    text = code.text
    if code.language not in _TYPESET_IN or not code.certain or text.isascii():
        return []
    drawn = [match.start() for match in _DRAWN.finditer(text)]
    return [hit for hit in _TYPESET_SIGNS.finditer(_bare(code)) if _is_typed(text, hit.start(), drawn)]


def _is_typed(text: str, at: int, drawn: list[int]) -> bool:
    """Whether the line of a character is typed by people: programs draw trees and tables."""
    after = bisect_left(drawn, at)
    near = drawn[max(after - 1, 0) : after + 1]
    return not any(text.find("\n", *sorted((at, sign))) < 0 for sign in near)


def _bare(code: Code) -> str:
    """The text of a block without what may hold any character: strings, comments, quoted words, output."""
    text = code.text
    if code.language in ("python", "pycon"):
        return outside_literals(text)
    if code.language in ("json", "toml"):
        return re.sub(
            r'""".*?"""|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*', lambda match: " " * len(match[0]), text, flags=re.S
        )
    if code.language in ("yaml", "ini"):
        starts = re.sub(r"([^\n:\-\s\[,][^\n:\[,]*)", _only_unseen, text)
        return re.sub(r"[–—]", " ", starts)
    if code.language in SESSIONS:
        lines = text.split("\n")
        return "\n".join(line if line.lstrip().startswith("$ ") else " " * len(line) for line in lines)
    return without(text, shape(text).quoted)


def _only_unseen(match: re.Match[str]) -> str:
    """A plain value: quotes within it are text, what cannot be seen is not meant."""
    if match[0][0] in "“”‘’„":
        return match[0]
    return re.sub(r"[“”„‘’]", " ", match[0])


def _typeset(code: Code, hits: list[re.Match[str]]) -> Diagnostic:
    first = hits[0]
    what = _TYPESET[first[0]][1] if first[0] in _TYPESET else "a dash instead of a hyphen"
    line = code.text.count("\n", 0, first.start()) + 1
    column = first.start() - code.text.rfind("\n", 0, first.start())
    path, edits, starts = code.page.path, [], [0]
    for each in code.lines:
        starts.append(starts[-1] + len(each.text) + 1)
    index = 0
    for hit in hits:
        while starts[index + 1] <= hit.start():
            index += 1
        if hit[0] in _TYPESET:
            at = code.lines[index].offset + hit.start() - starts[index]
            edits.append(Edit(path, at, at + 1, _TYPESET[hit[0]][0]))
    more = f", and {len(hits) - 1} more in this block" if len(hits) > 1 else ""
    shown = "" if first[0].isspace() or not first[0].isprintable() else f" `{first[0]}`"
    return Diagnostic(
        code.at(line, column),
        f"The code holds {what}{shown}{more}.",
        "Write it as it is typed.",
        Fix("write the characters as they are typed", tuple(edits)) if edits else None,
    )
