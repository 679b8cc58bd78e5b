"""Make stand-ins for the packages of a project, for uv to install where there is no package index.

    python3 stand_ins.py FOLDER        (in the project's folder)

Students do not need it. It serves the machine that runs the page's commands: that machine has the packages installed,
but may have no internet, and to pack PyTorch again would take too long. A stand-in is a small wheel with the name and
version of the real package, its commands, and a pointer to where it is installed. Beside the wheels it writes uv.toml,
the settings that make uv look only there.
"""

from __future__ import annotations

import re
import sys
import tomllib
import zipfile
from importlib.metadata import distribution
from pathlib import Path


def write(name: str, folder: Path) -> None:
    """A stand-in for one package that this Python has installed."""
    package = distribution(name)
    stem = f"{re.sub(r'[-_.]+', '_', name).lower()}-{package.version}"
    commands = [f"{entry.name} = {entry.value}" for entry in package.entry_points if entry.group == "console_scripts"]
    files = {
        f"{stem.partition('-')[0]}.pth": f"{package.locate_file('')}\n",
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {package.version}\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{stem}.dist-info/entry_points.txt": "\n".join(["[console_scripts]", *commands, ""]),
    }
    files[f"{stem}.dist-info/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{stem}.dist-info/RECORD"])
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    groups = project.get("dependency-groups", {}).values()
    for requirement in [*project["project"]["dependencies"], *(item for group in groups for item in group), "copier"]:
        found = re.match(r"[\w.-]+", requirement)
        if found:
            write(found[0], folder)
    settings = f'no-index = true\nfind-links = ["{folder.as_posix()}"]\n'
    (folder / "uv.toml").write_text(settings, encoding="utf-8")


if __name__ == "__main__":
    main()
