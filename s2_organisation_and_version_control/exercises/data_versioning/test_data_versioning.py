"""Checks of the exercises of "Data versioning"; run them in the project's directory."""

from __future__ import annotations

import configparser
import hashlib
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

sys.path.insert(0, str(Path.cwd() / "src"))

try:
    import torch
    from mailroom import data, train
    from torch.utils.data import TensorDataset
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"{error}: run the checks inside mailroom, with `uv run`", name=error.name, path=error.path
    ) from None

BATCHES = Path("data/batches")
POINTER = Path("data/batches.dvc")
FOLDER_HASH = re.compile(r"md5: ([0-9a-f]{32}\.dir)$", re.MULTILINE)


def script(name: str) -> ModuleType:
    """A script of the project, imported from its file."""
    path = Path("scripts", f"{name}.py")
    assert path.is_file(), f"there is no {path.as_posix()}: copy the starter's files, and run the checks in mailroom"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def git(*arguments: str) -> list[str]:
    """The lines that Git answers; none where the project is no repository."""
    if not Path(".git").exists():
        return []
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.splitlines()


def check_batch(number: int, scans: int) -> None:
    path = BATCHES / f"batch_{number}.npz"
    assert path.is_file(), f"there is no {path.as_posix()}: python scripts/make_batches.py {number}"
    with np.load(path) as batch:
        shapes = batch["images"].shape, batch["labels"].shape
    assert shapes == ((scans, 8, 8), (scans,)), f"{path.as_posix()} holds {shapes}, not {scans} scans: make it again"


def check_pointer() -> None:
    assert POINTER.is_file(), f"there is no {POINTER.as_posix()}: dvc add {BATCHES.as_posix()}, the folder"
    found = FOLDER_HASH.search(POINTER.read_text(encoding="utf-8"))
    assert found, f"{POINTER.as_posix()} does not name the hash of a folder (32 digits and .dir)"
    overlooked = Path(".dvcignore").read_text(encoding="utf-8").split() if Path(".dvcignore").is_file() else []
    listing = [
        {"md5": md5(path.read_bytes()), "relpath": path.relative_to(BATCHES).as_posix()}
        for path in sorted(BATCHES.rglob("*"))
        if path.is_file() and path.name not in overlooked
    ]
    assert found[1] == md5(json.dumps(listing).encode()) + ".dir", (
        f"{POINTER.as_posix()} and the files in {BATCHES.as_posix()} differ: `dvc add` what you want to keep, "
        "or `dvc checkout` what was recorded"
    )


def remote_url() -> str:
    """The address of the default remote, as it stands in .dvc/config."""
    config = configparser.ConfigParser()
    config.read(".dvc/config", encoding="utf-8")
    default = config.get("core", "remote", fallback="")
    assert default, ".dvc/config names no default remote: dvc remote add --default NAME FOLDER"
    sections = {section.strip("'"): section for section in config.sections()}
    assert f'remote "{default}"' in sections, f".dvc/config says nothing of the remote {default}"
    url = config.get(sections[f'remote "{default}"'], "url", fallback="")
    assert url, f".dvc/config gives the remote {default} no address"
    return url


def check_recorded(commit: str, files: int) -> None:
    """A commit must hold the pointer of so many files, and the remote the list that it stands for."""
    pointer = "\n".join(git("show", f"{commit}:{POINTER.as_posix()}"))
    assert pointer, f"{commit} holds no {POINTER.as_posix()}: git add it, and commit"
    found = FOLDER_HASH.search(pointer)
    assert found, f"{POINTER.as_posix()} in {commit} does not name the hash of a folder"
    assert re.search(rf"^ +nfiles: {files}$", pointer, re.MULTILINE), (
        f"{POINTER.as_posix()} in {commit} should be that of {files} file{'s' * (files > 1)}: "
        f"see `git show {commit}:{POINTER.as_posix()}`"
    )
    url = remote_url()
    if "://" not in url:
        listing = Path(".dvc", url, "files", "md5", found[1][:2], found[1][2:])
        assert listing.is_file(), f"the remote does not hold the data of {commit}: dvc push"


# track-batch-1


def test_track_batch_1_repository() -> None:
    for name in (".dvc/config", ".dvc/.gitignore", ".dvcignore"):
        assert Path(name).is_file(), f"there is no {name}: dvc init, in mailroom"
    ignored = Path(".dvc/.gitignore").read_text(encoding="utf-8").split()
    assert {"/cache", "/config.local"} <= set(ignored), ".dvc/.gitignore lets Git take the cache, or config.local"
    url = remote_url()
    assert not Path(url).is_absolute(), (
        f"the remote's address is `{url}`: give the folder relative to mailroom, so that it holds for others too"
    )


def test_track_batch_1_pointer() -> None:
    check_batch(1, 900)
    check_pointer()
    ignored = Path("data/.gitignore")
    assert ignored.is_file(), "data/.gitignore is missing: dvc add writes it"
    assert "/batches" in ignored.read_text(encoding="utf-8").split(), "data/.gitignore must keep /batches out of Git"
    assert not git("ls-files", "data/batches"), "Git tracks data/batches: git rm -r --cached data/batches, then commit"
    if Path(".git").exists():
        assert git("ls-tree", "HEAD", ".dvc/config"), ".dvc/config is not committed: others would not find the remote"
        tags = git("tag")
        if "data-v2" not in tags:
            check_recorded("data-v1" if "data-v1" in tags else "HEAD", files=1)


# read-the-batches


def save_batch(path: Path, *labels: int) -> None:
    """A batch in which each scan is filled with its label as ink."""
    filled = np.array(labels, dtype=np.uint8)
    images = np.broadcast_to(filled.reshape(-1, 1, 1), (len(labels), 8, 8))
    np.savez(path, images=images, labels=filled)


def test_read_the_batches(tmp_path: Path) -> None:
    save_batch(tmp_path / "batch_2.npz", 8, 4)
    save_batch(tmp_path / "batch_1.npz", 2, 3, 9)
    (tmp_path / "README.md").write_text("not a batch", encoding="utf-8")
    images, labels = data.load_batches(tmp_path)
    assert images.shape == (5, 1, 8, 8), (
        f"3 and 2 scans give images of shape {tuple(images.shape)}, not (5, 1, 8, 8): join them, and add the channel"
    )
    assert images.dtype == torch.float32, f"images are {images.dtype}, not torch.float32"
    assert labels.dtype == torch.int64, f"labels are {labels.dtype}, not torch.int64"
    assert labels.tolist() == [2, 3, 9, 8, 4], "batch_1 comes before batch_2: sort the files by name"
    ink = [round(value * 16, 3) for value in images[:, 0, 5, 5].tolist()]
    assert ink == [2, 3, 9, 8, 4], "ink 0 to 16 must become 0 to 1, and images must keep the order of their labels"


def test_read_the_batches_none(tmp_path: Path) -> None:
    said = ""
    try:
        data.load_batches(tmp_path)
    except FileNotFoundError as error:
        said = str(error)
    except NotImplementedError:  # still to be done
        raise
    except (RuntimeError, ValueError) as error:
        pytest.fail(f"a folder without batches gives `{error}`: raise a FileNotFoundError that names the folder")
    assert tmp_path.name in said, "a folder without batches must raise a FileNotFoundError that names the folder"


def test_read_the_batches_main(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts: list[tuple[list[int], list[int]]] = []

    def note(_: object, train_set: TensorDataset, validation_set: TensorDataset) -> list[dict[str, float]]:
        parts.append((train_set.tensors[1].tolist(), validation_set.tensors[1].tolist()))
        return []

    (tmp_path / "scans").mkdir()
    save_batch(tmp_path / "scans" / "batch_1.npz", 1, 2, 3, 4, 5, 6)
    save_batch(tmp_path / "scans" / "batch_2.npz", 7, 8)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILROOM_BATCHES", "scans")
    monkeypatch.setenv("MAILROOM_MODEL", "other.pt")
    monkeypatch.setattr(train, "train", note)
    train.main()
    assert parts == [([1, 2, 3, 4, 5, 6], [7, 8])], (
        "of 6 and 2 scans in the folder MAILROOM_BATCHES, the last quarter (2) is for validation, the rest to train on"
    )
    assert Path("other.pt").is_file(), "the model must be written to the file that MAILROOM_MODEL names"
    assert not Path("model.pt").exists(), "MAILROOM_MODEL names another file, and model.pt was written too"


def test_read_the_batches_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data" / "batches").mkdir(parents=True)
    save_batch(tmp_path / "data" / "batches" / "batch_1.npz", 1, 2, 3, 4)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILROOM_BATCHES", raising=False)
    monkeypatch.delenv("MAILROOM_MODEL", raising=False)
    scans: list[int] = []
    monkeypatch.setattr(train, "train", lambda _, *sets: scans.extend(len(part) for part in sets) or [])
    train.main()
    assert scans == [3, 1], "without MAILROOM_BATCHES, the scans come from data/batches"
    assert Path("model.pt").is_file(), "without MAILROOM_MODEL, the model is written to model.pt"


# add-batch-2


def test_add_batch_2() -> None:
    check_batch(1, 900)
    check_batch(2, 300)
    check_pointer()
    if Path(".git").exists():
        tags = git("tag")
        for tag in ("data-v1", "data-v2"):
            assert tag in tags, f"Git has no tag {tag}: tag the commit that holds this version of {POINTER.as_posix()}"
        check_recorded("data-v1", files=1)
        check_recorded("data-v2", files=2)


# find-the-edit


def test_find_the_edit_recorded(tmp_path: Path) -> None:
    check = script("check_batches")
    name = "0123456789abcdef0123456789abcdef.dir"
    pointer = tmp_path / "scans.dvc"
    pointer.write_text(f"outs:\n- md5: {name}\n  size: 12\n  hash: md5\n  path: scans\n", encoding="utf-8")
    listing = tmp_path / "cache" / name[:2] / name[2:]
    listing.parent.mkdir(parents=True)
    entries = [{"md5": "a" * 32, "relpath": "one.npz"}, {"md5": "b" * 32, "relpath": "more/two.npz"}]
    listing.write_text(json.dumps(entries), encoding="utf-8")
    assert check.recorded(pointer, tmp_path / "cache") == {"one.npz": "a" * 32, "more/two.npz": "b" * 32}, (
        "`recorded` should give the MD5 of each file by its path, from the list that the hash in the .dvc file names"
    )
    pointer.write_text(f"outs:\n- md5: {'c' * 32}\n  size: 12\n  hash: md5\n  path: one.npz\n", encoding="utf-8")
    said = ""
    try:
        check.recorded(pointer, tmp_path / "cache")
    except (AttributeError, FileNotFoundError, TypeError) as error:
        said = f"; it fails with `{type(error).__name__}: {error}`"
    except ValueError:
        return
    pytest.fail(f"`recorded` must raise a ValueError if the .dvc file is that of a single file, without `.dir`{said}")


def test_find_the_edit_changes(tmp_path: Path) -> None:
    check = script("check_batches")
    (tmp_path / "more").mkdir()
    for name in ("same.npz", "edited.npz", "more/new.npz"):
        (tmp_path / name).write_bytes(name.encode())
    expected = {"same.npz": md5(b"same.npz"), "edited.npz": md5(b"as it was"), "gone.npz": md5(b"gone.npz")}
    found = check.changes(tmp_path, expected)
    lines = ["changed: edited.npz", "missing: gone.npz", "not recorded: more/new.npz"]
    assert found == lines, f"one file was edited, one gone, one new: `changes` should say {lines}, and says {found}"
    assert check.changes(tmp_path / "more", {"new.npz": md5(b"more/new.npz")}) == [], "where nothing differs, no line"
