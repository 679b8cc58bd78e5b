"""Cut the batches into a training and a validation set: `python -m mailroom.prepare`, with settings from conf/."""

import sys
import zipfile
from pathlib import Path

import numpy as np
from hydra import compose, initialize_config_module
from numpy.typing import NDArray

from .config import checked, register

PREPARED = Path("data/prepared")
Scans = dict[str, NDArray[np.uint8]]

register()


def read_batches(folder: Path) -> Scans:
    """The scans of all batches in a folder, in the order of the files' names: `images` and `labels`.

    Raises:
        FileNotFoundError: The folder holds no batch.
        ValueError: A batch holds something else than scans of ink 0 to 16 and labels 0 to 9.
    """
    files = sorted(folder.glob("*.npz"))  # a folder has no order of its own
    if not files:
        raise FileNotFoundError(f"{folder.as_posix()} holds no batch (*.npz): dvc pull {folder.as_posix()}")
    parts: list[Scans] = []
    for file in files:
        with np.load(file) as batch:
            images, labels = batch["images"], batch["labels"]
        if images.shape != (len(labels), 8, 8) or images.max() > 16 or labels.max() > 9:
            raise ValueError(f"{file.as_posix()} does not hold scans of 8 x 8 values from 0 to 16, with labels 0 to 9")
        parts.append({"images": images, "labels": labels})
    return {name: np.concatenate([part[name] for part in parts]) for name in ("images", "labels")}


def write_scans(path: Path, scans: Scans) -> None:
    """Write scans as np.savez does, but with the same bytes on every system, so that the hash is the same too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in scans.items():
            entry = zipfile.ZipInfo(f"{name}.npy")
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            with archive.open(entry, "w") as file:
                np.lib.format.write_array(file, array)


def main() -> None:
    """Hold out the last scans, as the setting `held_out` says, and write both sets to data/prepared."""
    with initialize_config_module("mailroom.conf", version_base="1.3"):
        config = checked(compose("config", overrides=sys.argv[1:]))
    scans = read_batches(Path(config.data))
    total = len(scans["labels"])
    cut = total - int(total * config.held_out)
    write_scans(PREPARED / "train.npz", {name: array[:cut] for name, array in scans.items()})
    write_scans(PREPARED / "validation.npz", {name: array[cut:] for name, array in scans.items()})
    print(f"{PREPARED.as_posix()}: {cut} scans to train on, {total - cut} to validate on")


if __name__ == "__main__":
    main()
