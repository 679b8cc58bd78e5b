"""Compare the batches, byte by byte, with what DVC has recorded: `python scripts/check_batches.py`."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

POINTER = Path("data/batches.dvc")
CACHE = Path(".dvc/cache/files/md5")


def md5_of(path: Path) -> str:
    """The MD5 of a file's content, read anew."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def recorded(pointer: Path, cache: Path) -> dict[str, str]:
    """What the .dvc file of a folder stands for: the MD5 of each file, by its path in the folder.

    Raises:
        ValueError: The .dvc file does not name a folder's hash.
        FileNotFoundError: The list of the folder's files is not in the cache.
    """
    # TODO (find-the-edit): look up the folder's hash (with `re`), open its list in the cache (with `json`),
    # and return path → MD5.
    raise NotImplementedError


def changes(folder: Path, expected: dict[str, str]) -> list[str]:
    """What differs, one line a file, in the order of the paths (relative to the folder, with `/`).

    A line is `changed: PATH`, `missing: PATH` (recorded, but not in the folder) or `not recorded: PATH`.
    """
    # TODO (find-the-edit): compare the MD5 of every file in the folder with the expected one.
    raise NotImplementedError


def main() -> int:
    """Print what differs; the exit code is 1 if anything does."""
    folder = POINTER.with_suffix("")
    try:
        expected = recorded(POINTER, CACHE)
    except FileNotFoundError as error:
        print(f"check_batches: there is no {error.filename}; try `dvc fetch`", file=sys.stderr)
        return 1
    lines = changes(folder, expected)
    print("\n".join(lines) or f"{len(expected)} files, all as in {POINTER.as_posix()}")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
