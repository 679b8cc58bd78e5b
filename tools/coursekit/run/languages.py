"""Which languages a block may be in, and what is done with each. Anything else on a page is an error."""

from __future__ import annotations

from enum import Enum

from ..code import language, option
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
MARKS = {  # which marks mean something for which languages; skip and file do for all
    "raises": ("python", "pycon"),
    "exit": ("python", "bash", "sh", "console"),
    "expect": ("python", "pycon", "bash", "sh", "console"),
    "timeout": ("python", "pycon", "bash", "sh", "console", "workflow"),
    "output": ("text", "output"),
    "steps": ("workflow",),
    "hidden": ("python", "bash", "sh"),
}
WORKFLOWS = ".github/workflows/"
_USUAL = {"shell": "bash", "zsh": "bash", "shell-session": "console", "jsonc": "json", "cfg": "ini"}


def block_language(info: str) -> str:
    """The language of a block, which for a GitHub workflow, known by its title, is `workflow`.

    >>> block_language('yaml title=".github/workflows/test.yml"')
    'workflow'
    """
    name = language(info)
    return "workflow" if name == "yaml" and option(info, "title").startswith(WORKFLOWS) else name


def unknown(name: str) -> str:
    """What to say about a language that is not in the list."""
    if not name:
        return "This block has no language. Write one behind the opening fence, `text` if it is none."
    hint = f"Did you mean `{_USUAL[name]}`?" if name in _USUAL else nearest(name, LANGUAGES)
    return f"`{name}` is no language that coursekit knows what to do with. {hint}"
