"""What is wrong with a piece of code, by its language: pure functions from text to faults.

Pages show pieces: fragments, elisions (`...`), placeholders, prompts. A fault is said only of what no reading
of the piece makes right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ELIDED = re.compile(r"\.\.\.|…")
PLACEHOLDER = re.compile(
    r"<[A-Za-z][^<>\n=\"']{0,60}>|\{\{|\{%|\$\{?[A-Z_]{3,40}\b|\[\[|\{(?:your|my|the) [\w -]{1,40}\}"
)
ONLY_ELISION = re.compile(r"^([ \t]*+)(?=[^\n]{0,80}(?:\.\.\.|…))[-#/*;.…\[\](){} \t]*+$", re.M)
TEMPLATE = re.compile(r"(?<!\$)\{\{|\{%|\{![^{}!\n]{1,300}!\}")  # the last one is a file that an extension puts there


def words(text: str) -> list[str]:
    """A long list of words, easier to read as text."""
    return text.split()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a piece of code; line and column count from 1."""

    line: int
    column: int
    message: str
    hint: str = ""
