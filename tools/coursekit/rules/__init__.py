"""Every rule, one file per family; importing this registers them."""

from . import blocks, edition, exercises, files, leftovers, links, lists, modules, reading, sessions, tables  # noqa: F401
