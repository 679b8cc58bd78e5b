"""Every rule, one file per family; importing this registers them."""

from . import edition, exercises, files, links, modules, numbers, reading, references, sessions, tasks, words  # noqa: F401
