"""Every rule, one file per family; importing this registers them."""

from . import (  # noqa: F401
    code,
    commands,
    configuration,
    edition,
    exercises,
    files,
    links,
    modules,
    programs,
    reading,
    sessions,
)
