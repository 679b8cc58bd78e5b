"""Something happens to a batch at night: `python scripts/night_shift.py`. Do not read on until you know what.

























Every 1 in batch 2 becomes a 7. The file keeps its size and its time of last change, as when a backup is copied back.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from make_batches import write_arrays

PATH = Path("data/batches/batch_2.npz")


def main() -> None:
    """Change labels within the file and set its clock back."""
    before = PATH.stat()
    with np.load(PATH) as batch:
        images, labels = batch["images"], batch["labels"]
    labels[labels == 1] = 7
    write_arrays(PATH, {"images": images, "labels": labels})
    os.utime(PATH, ns=(before.st_atime_ns, before.st_mtime_ns))
    print("good night")


if __name__ == "__main__":
    main()
