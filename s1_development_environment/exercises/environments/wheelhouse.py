"""Put the packages of this environment back into wheels, for uv to install from where there is no package index.

    python3 wheelhouse.py FOLDER

Students do not need it. It serves the machine that runs the page's commands: that machine has the packages installed,
but may have no internet. Beside the wheels it writes the pages of a small index, with their hashes, and uv.toml, the
settings that make uv look only there. They stand outside the project, so no path gets into pyproject.toml.
"""

from __future__ import annotations

import hashlib
import sys
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePosixPath

PACKAGES = ["numpy", "pytest", "iniconfig", "packaging", "pluggy", "pygments", "colorama", "ruff", "ty"]
LEFT_OUT = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}  # written by an installer, not part of a wheel


def tags(package: Distribution) -> str:
    """The part of a wheel's name that says for which Python and which system it is."""
    lines = (package.read_text("WHEEL") or "").splitlines()
    found = [line.partition(":")[2].strip().split("-") for line in lines if line.startswith("Tag:")]
    return "-".join(".".join(dict.fromkeys(parts)) for parts in zip(*found, strict=True))


def contents(package: Distribution, stem: str) -> dict[str, Path]:
    """The files of a wheel: the name in it, and where the file lies now."""
    made = {entry.name for entry in package.entry_points if entry.group == "console_scripts"}
    files: dict[str, Path] = {}
    for file in package.files or []:
        inside = PurePosixPath(*file.parts)
        if inside.suffix == ".pyc" or (inside.name in LEFT_OUT and inside.parent.suffix == ".dist-info"):
            continue
        if ".." not in inside.parts:
            files[str(inside)] = Path(str(file.locate()))
        elif inside.parent.name in ("bin", "Scripts") and inside.stem not in made:
            files[f"{stem}.data/scripts/{inside.name}"] = Path(str(file.locate()))
    return files


def pack(name: str, folder: Path) -> Path:
    """Write one package as a wheel."""
    package = distribution(name)
    info = next(file.parts[0] for file in package.files or [] if file.parts[0].endswith(".dist-info"))
    stem = info.removesuffix(".dist-info")
    wheel = folder / f"{stem}-{tags(package)}.whl"
    files = contents(package, stem)
    with zipfile.ZipFile(wheel, "w") as archive:
        for inside, path in files.items():
            archive.write(path, inside)
        record = [f"{inside},," for inside in (*files, f"{info}/RECORD")]
        archive.writestr(f"{info}/RECORD", "\n".join(record) + "\n")
    return wheel


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    for name in PACKAGES:
        page = folder / name / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        wheel = pack(name, page.parent)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        page.write_text(f'<a href="{wheel.name}#sha256={digest}">{wheel.name}</a>\n', encoding="utf-8")
    settings = f'[[index]]\nurl = "{folder.as_uri()}"\ndefault = true\n'
    (folder / "uv.toml").write_text(settings, encoding="utf-8")


if __name__ == "__main__":
    main()
