"""Every rule, one file per family; importing this registers them."""

from . import edition, exercises, files, links, modules, reading, references, sessions  # noqa: F401
