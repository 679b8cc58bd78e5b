"""Words: doubled ones, sentences that stop short, names that are spelt in more than one way."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import eq

from ..diagnostic import Diagnostic, Edit, Fix
from ..model import Course, Page, Span
from ..product_names import PRODUCT_NAMES
from ..rule import rule

_DOUBLED = re.compile(
    r"(?<![\w\x00\x01$&.…-])(?P<word>[A-Za-z]{1,20})(?P<gap>[ \t]{1,9}|[ \t]*\r?\n[ \t>]{0,40})(?P<again>(?P=word))"
    r"(?![\w\x00\x01&$-]|['’.]\w)",
    re.I,
)
_WORD = re.compile(r"\w+")
_LABEL_ENDS = re.compile(r"\](?:\[\]|(?![(\[]))")  # of a link whose text names its definition
_LETTERS = re.compile(r"[a-z]+")
_LETTERS_OF_ANY_CASE = re.compile(r"[A-Za-z]+")
_MAY_BE_DOUBLED = {
    "aye", "blah", "bye", "chop", "duran", "far", "ha", "had", "hear", "knock", "la", "log", "long", "many", "more",
    "much", "mute", "never", "new", "no", "so", "some", "that", "there", "tick", "toy", "very", "walla", "wow", "yes",
}  # fmt: skip
_SMALL = {
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "for", "from", "if", "in", "is", "it", "not", "of",
    "on", "or", "our", "the", "this", "to", "we", "will", "with", "you", "your",
}  # fmt: skip
_ENDS_SHORT = re.compile(
    r"(?<![\w\x00\x01*_`'’\"/.-])(?P<word>the|an?|of|and|or|with|because|but|than|into|our|your|its)$"
)
_MARKER = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+")
_HEADING = re.compile(r"#{1,6}(?!#)")
_IN_TEXT = re.compile(r"[ \t]+#{1,6}[^# \t]")  # the number of an issue that begins a line
_TITLE = re.compile(r"[ \t]*\x01+\"")  # of a tab or a box
_PARENTHESES = re.compile(r"[()]")
_LETTERED = re.compile(r"(?:(?<=\s)|^)[\w]{1,3}\)|[:;]-?[()]", re.M)
_CHANGES = re.compile(r"change|history|release", re.I)  # what was called so at its time
_MINIMUM = 30  # characters of a paragraph in which a sentence may be cut off
_COMMAND = (
    r"(?![ \t]+(?:build|compose|create|exec|image ls|info|init|install|kill|load|login|logs|network|ps|pull|push|rm|run"
    r"|save|scout|start|stop|system|tag|volume|--?\w|\x00))"
)


def _pages(course: Course) -> tuple[Page, ...]:
    return (*course.documents, *course.pages) if course.settings.is_course else course.pages


@rule("C901", fixable=True)
def doubled_word(course: Course) -> Iterator[Diagnostic]:
    """A word stands there twice in a row.

    Readers pass over it without seeing it, and so do authors.

    Bad:

        ### README.md
        # Example course

        Begin with the the first page.

    Good:

        ### README.md
        # Example course

        Begin with the first page.
    """
    for page in _pages(course):
        for match in _doubled(page.prose):
            word, again = match["word"], match["again"]
            if word.lower() in _MAY_BE_DOUBLED or not _is_slip(word, again):
                continue
            around = page.prose[max(match.start() - len(word) - 1, 0) : match.end() + len(word) + 1].lower()
            if around.count(word.lower()) > 2:  # three times is on purpose
                continue
            small = word.lower() in _SMALL
            edit = Edit(page.path, match.end("word"), match.end("again"), "")
            yield Diagnostic(
                page.at(match.start("again")),
                f"The word `{again}` stands here twice.",
                "Delete one of them.",
                Fix("delete the second one", (edit,)) if small and "\n" not in match["gap"] else None,
            )


def _doubled(text: str) -> Iterator[re.Match[str]]:
    """Places where a word follows itself: looked for among the words, which is much faster than the pattern alone."""
    words = _LETTERS.findall(text.lower())
    if not any(map(eq, words, words[1:])):
        return
    end = 0  # of the place before: the third of three is no other one
    for first, second in pairwise(_LETTERS_OF_ANY_CASE.finditer(text)):
        same = first.start() >= end and first[0].lower() == second[0].lower()
        if same and (match := _DOUBLED.match(text, first.start())):
            end = match.end()
            yield match


def _is_slip(word: str, again: str) -> bool:
    """Whether the two are the same word of a sentence; `A a` may be labels, `New York York` a name."""
    if len(word) == 1:
        return word + again in ("aa", "Aa")
    return again.islower() and word[1:].islower()


@rule("C902")
def sentence_cut_off(course: Course) -> Iterator[Diagnostic]:
    """A paragraph ends in the middle of a sentence, or opens a parenthesis that it never closes.

    Something was deleted or never written, and the reader looks for it on the next page.

    Bad:

        ### README.md
        # Example course

        The first page is short. Read it before you go on with the

        ## Licence

        Do as you like.

    Good:

        ### README.md
        # Example course

        The first page is short. Read it before you go on with the others.

        ## Licence

        Do as you like.
    """
    for page in _pages(course):
        for start, end, following in _paragraphs(page):
            text = page.prose[start:end]
            if len(text) < _MINIMUM or "|" in text or "\x01" in text[:1]:
                continue
            if reason := _stops_short(text, following):
                yield Diagnostic(page.at(end - 1), reason, "Finish the sentence.")
            elif "\\)" not in page.source.text[start:end] and (at := _unclosed(text)) is not None:
                yield Diagnostic(
                    page.at(start + at),
                    "The parenthesis that opens here is never closed.",
                    "Close it, or leave it out.",
                )


def _paragraphs(page: Page) -> Iterator[tuple[int, int, str]]:
    """Start and end of each paragraph of running text, and the line of the source that follows it."""
    text, source = page.prose, page.source.text
    at, start, end = 0, -1, -1
    for line in [*text.split("\n"), ""]:
        stripped = line.strip(" \t\r>\x01")
        is_heading = _HEADING.match(stripped) and not _IN_TEXT.match(line)
        apart = not stripped or bool(is_heading or _TITLE.match(line))
        if start >= 0 and (apart or _MARKER.match(line)):
            yield start, end, _next_line(source, end)
            start = -1
        if not apart:
            start = at + len(line) - len(line.lstrip(" \t>")) if start < 0 else start
            end = at + len(line.rstrip(" \t\r"))
        at += len(line) + 1


def _next_line(source: str, offset: int) -> str:
    """The first line with text behind the line of an offset."""
    at = source.find("\n", offset)
    while 0 <= at < len(source):
        end = source.find("\n", at + 1)
        line = source[at + 1 : end if end >= 0 else len(source)]
        if line.strip() or end < 0:
            return line.strip(" \t\r")
        at = end
    return ""


def _stops_short(text: str, following: str) -> str:
    """Why a paragraph seems to be cut off; empty where it does not."""
    at_end = not following or bool(_HEADING.match(following)) or following.startswith(("===", "</details", "///"))
    word = _ENDS_SHORT.search(text[-20:])
    prose_follows = following[:1].isupper() and following[1:2].islower()
    if word and (at_end or prose_follows) and not _MARKER.match(following):
        return f"The paragraph ends with `{word['word']}`."
    if at_end and text.endswith(",") and not _MARKER.match(text) and text.count(" ") > 5:
        return "The paragraph ends with a comma."
    return ""


def _unclosed(text: str) -> int | None:
    """Where the parenthesis opens that is not closed in a paragraph."""
    if text.count("(") <= text.count(")"):
        return None
    plain = _LETTERED.sub(lambda match: "." * len(match[0]), text)
    stack: list[int] = []
    for match in _PARENTHESES.finditer(plain):
        if match[0] == "(":
            stack.append(match.start())
        elif stack:
            stack.pop()
    return stack[-1] if stack else None


@rule("C903", fixable=True)
def product_name_misspelt(course: Course) -> Iterator[Diagnostic]:
    """The name of a product is not written as its makers write it.

    Who searches for “GitHub” should find every page about it. The names are in `product_names.py`; a course
    changes them with `spelling` in its settings, and a site without sessions with `extra: coursekit: spelling`.

    Bad:

        ### README.md
        # Example course

        It is on Github, and needs `pytorch` from PyPi.

    Good:

        ### README.md
        # Example course

        It is on GitHub, and needs `pytorch` from PyPI.
    """
    right = {wrong: name for name, spellings in _names(course).items() for wrong in spellings}
    if not right:
        return
    odd = {wrong for wrong in right if not _WORD.fullmatch(wrong)}
    command = re.compile(_COMMAND)
    for page in _pages(course):
        if _CHANGES.search(page.path):
            continue
        words = right.keys() & set(_WORD.findall(page.prose))
        found = tuple(wrong for wrong in right if wrong in words or (wrong in odd and wrong in page.prose))
        if not found:
            continue
        name = _pattern(found)
        headings = [heading.span for heading in page.headings]  # their anchors may be linked to
        texts = sorted((link.text_span for link in page.links), key=lambda span: span.start)
        labels = [span for span in texts if _LABEL_ENDS.match(page.source.text, span.end)]
        for match in name.finditer(page.prose):
            if match[0].islower() and page.prose[match.end() : match.end() + 1] in ("\x01", '"'):
                continue  # a link or a quotation of something that is called so
            if match[0].islower() and (not command.match(page.prose, match.end()) or _is_alone(page, match)):
                continue
            edit = Edit(page.path, *match.span(), right[match[0]])
            is_name = right[match[0]].lower() != match[0].lower() and (
                _is_within(headings, match.start()) or _is_within(labels, match.start())
            )
            yield Diagnostic(
                page.at(match.start()),
                f"`{match[0]}` is written `{right[match[0]]}`.",
                "Write it as its makers do.",
                None if is_name else Fix("spell the name", (edit,)),
            )


def _is_within(spans: Sequence[Span], offset: int) -> bool:
    """Whether an offset is in one of several spans that follow one another."""
    index = bisect_right(spans, offset, key=lambda span: span.start)
    return index > 0 and offset in spans[index - 1]


@lru_cache(maxsize=1000)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the names that stands on its own: not in a path, an address, a word with hyphens or quotes."""
    either = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(rf"(?<![\w./@#\-\\:`'=&~\x00\x01])(?:{either})(?![\w@#\\`'=(\x00]|[.:/-]\w|/|\.\.)")


def _is_alone(page: Page, match: re.Match[str]) -> bool:
    """Whether nothing else stands in the line: then it is more likely a value than a name."""
    text = page.prose
    line = text[text.rfind("\n", 0, match.start()) + 1 : text.find("\n", match.end())]
    return line.strip(" \t\r-*+>\x01") == match[0]


def _names(course: Course) -> Mapping[str, Sequence[str]]:
    return {**PRODUCT_NAMES, **course.settings.spelling}
