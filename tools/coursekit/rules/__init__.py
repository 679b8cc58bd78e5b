"""Every rule, one file per family; importing this registers them."""

from . import blocks, edition, exercises, files, links, lists, modules, reading, sessions  # noqa: F401
