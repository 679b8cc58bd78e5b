"""How fast the site and `course verify` are: `python tests/benchmark.py`. Prints ratios; asserts nothing.

1. `course verify` of 1,000 trivial blocks: what the harness itself costs.
2. A build with the plugin `course` against a plain Material build of the same rendered pages.

`benchmark_check.py` does the same for the checker.
"""

from __future__ import annotations

import json
import os
import posixpath
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from coursekit.load import load
from coursekit.navigation import navigation
from coursekit.render import Site
from synthetic import write_course

ROOT = Path(__file__).resolve().parent.parent
BUILD = [sys.executable, "-m", "mkdocs", "build"]  # not --quiet: with it, --strict lets dead links pass
ENVIRONMENT = os.environ | {
    "NO_MKDOCS_2_WARNING": "1",
    "PYTHONPATH": str(ROOT / "tools"),
    "PYTHONDONTWRITEBYTECODE": "",  # who has installed a program does not compile it in every run
}
ROUNDS = 5


def run(command: list[str], folder: Path) -> float:
    """Wall seconds of one process."""
    began = time.perf_counter()
    finished = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    if finished.returncode:
        raise SystemExit(f"{' '.join(command)} failed in {folder}")
    return time.perf_counter() - began


def in_turn(one: tuple[list[str], Path], other: tuple[list[str], Path]) -> tuple[float, float, float]:
    """Median seconds of both, and the median of the ratio pair by pair; a first round is not counted."""
    pairs = [(run(*one), run(*other)) for _ in range(ROUNDS + 1)][1:]
    ratios = [a / b for a, b in pairs]
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(ratios),
    )


def plain_copy(root: Path, target: Path) -> None:
    """The same rendered pages as a project that knows nothing of courses: pieces come from a dictionary."""
    course = load(root)
    site = Site(course, lambda page, path: posixpath.relpath(path, posixpath.dirname(page)))
    pieces = {}
    for page in course.pages:
        path = target / "src" / page.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(site.markdown(page), encoding="utf-8")
        names = {name for name in ("header", "modules", "overview") if f"course: {name} " in site.markdown(page)}
        pieces[page.path] = {f"<!-- course: {n} -->": site.filled(page, f"<!-- course: {n} -->") for n in names}
    (target / "pieces.json").write_text(json.dumps(pieces), encoding="utf-8")
    (target / "fill.py").write_text(FILL, encoding="utf-8")
    config = yaml.safe_load((root / "mkdocs.yml").read_text(encoding="utf-8"))
    config |= {
        "plugins": ["search"],
        "docs_dir": "src",
        "hooks": ["fill.py"],
        "nav": json.loads(json.dumps(navigation(course))),
    }
    (target / "mkdocs.yml").write_text(yaml.safe_dump(config), encoding="utf-8")


FILL = """\
import json
from pathlib import Path

PIECES = json.loads((Path(__file__).parent / "pieces.json").read_text(encoding="utf-8"))


def on_page_content(html, page, config, files):
    for mark, piece in PIECES.get(page.file.src_uri, {}).items():
        html = html.replace(mark, piece)
    return html
"""


def write_blocks(root: Path, pages: int, blocks: int) -> None:
    """A course whose pages hold trivial blocks, half of them Python and half bash."""
    write_course(root, 1)
    shutil.rmtree(root / "s1_day")
    pair = "```python\nx = 1\nprint(x)\n```\n\n```bash\necho x > /dev/null\n```\n\n"
    for number in range(pages):
        text = f"---\ndescription: x\n---\n\n# Page {number}\n\n" + pair * (blocks // 2 // pages)
        (root / f"docs/page{number}.md").write_text(text, encoding="utf-8")


def harness(scratch: Path) -> None:
    """Print what `course verify` needs for 1,000 trivial blocks, and bash alone for the same 500 commands."""
    for pages in (1, 20):
        root = scratch / f"blocks{pages}"
        write_blocks(root, pages, 1000)
        seconds = statistics.median(run([sys.executable, "-m", "coursekit", "verify"], root) for _ in range(ROUNDS))
        began = time.perf_counter()
        for _ in range(500):
            subprocess.run(["bash", "-c", "echo x > /dev/null"], check=True)
        bare = time.perf_counter() - began
        print(f"verify of 1,000 blocks on {pages} pages: {seconds:.2f} s (wanted: 3 or less; bash alone: {bare:.2f} s)")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        harness(scratch)
        course, plain = scratch / "course", scratch / "plain"
        write_course(course, 50)
        plain_copy(course, plain)
        ours, theirs, ratio = in_turn(([*BUILD, "--strict"], course), (BUILD, plain))
        print(f"50 modules: plugin {ours:.2f} s, plain {theirs:.2f} s, plugin/plain {ratio:.3f} (wanted: 1.10 or less)")


if __name__ == "__main__":
    main()
