"""Which languages a block may be in, and what is done with each. Anything else on a page is an error."""

from __future__ import annotations

import re
from enum import Enum

from ..fields import nearest


class Kind(Enum):
    RUN = "run"  # executed; what it shows is compared
    PARSED = "parsed"  # a data format, read by its own parser
    COMPARED = "compared"  # what the block above prints
    SHOWN = "shown"  # text for people


LANGUAGES = {
    "python": Kind.RUN,
    "pycon": Kind.RUN,
    "bash": Kind.RUN,
    "sh": Kind.RUN,
    "console": Kind.RUN,
    "powershell": Kind.RUN,  # only with skip=windows
    "yaml": Kind.PARSED,
    "workflow": Kind.PARSED,
    "toml": Kind.PARSED,
    "json": Kind.PARSED,
    "dockerfile": Kind.PARSED,
    "csv": Kind.PARSED,
    "ini": Kind.PARSED,
    "output": Kind.COMPARED,
    "text": Kind.SHOWN,
    "markdown": Kind.SHOWN,
    "bibtex": Kind.SHOWN,
    "diff": Kind.SHOWN,
    "html": Kind.SHOWN,
}
ALIASES = {
    "py": "python",
    "python3": "python",
    "yml": "yaml",
    "docker": "dockerfile",
    "md": "markdown",
    "txt": "text",
    "ps1": "powershell",
}
MARKS = {  # which marks mean something for which languages; skip and file do for all
    "raises": ("python", "pycon"),
    "exit": ("python", "bash", "sh", "console"),
    "expect": ("python", "pycon", "bash", "sh", "console"),
    "timeout": ("python", "pycon", "bash", "sh", "console", "workflow"),
    "output": ("text", "output"),
    "steps": ("workflow",),
}
WORKFLOWS = ".github/workflows/"
_USUAL = {"shell": "bash", "zsh": "bash", "shell-session": "console", "jsonc": "json", "cfg": "ini"}

_BRACES = re.compile(r"\{(?P<inside>[^{}]*)\}")
_CLASS = re.compile(r"(?<![\w=\"'])\.([\w+#-]+)")
_TITLE = re.compile(r"""\btitle\s*=\s*(?P<quote>["'])(?P<title>.*?)(?P=quote)""")


def language(info: str) -> str:
    """The language that an info string names, in lower case and by its usual name.

    >>> language('python title="x"'), language("{ .python .annotate }"), language("yml"), language("Go hl_lines=1")
    ('python', 'python', 'yaml', 'go')
    """
    first = info.split(maxsplit=1)[0] if info and not info.startswith("{") else ""
    if not first and (braces := _BRACES.match(info)) and (named := _CLASS.search(braces["inside"])):
        first = named[1]
    name = first.partition("{")[0].lower()
    name = ALIASES.get(name, name)
    return "workflow" if name == "yaml" and title(info).startswith(WORKFLOWS) else name


def title(info: str) -> str:
    """What an info string gives the block as its title.

    >>> title('yaml title=".github/workflows/test.yml"')
    '.github/workflows/test.yml'
    """
    match = _TITLE.search(info)
    return match["title"] if match else ""


def unknown(name: str) -> str:
    """What to say about a language that is not in the list."""
    if not name:
        return "This block has no language. Write one behind the opening fence, `text` if it is none."
    hint = f"Did you mean `{_USUAL[name]}`?" if name in _USUAL else nearest(name, LANGUAGES)
    return f"`{name}` is no language that coursekit knows what to do with. {hint}"
