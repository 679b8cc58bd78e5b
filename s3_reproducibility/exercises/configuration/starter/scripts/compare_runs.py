"""One line for each run below a folder, the best first: `python scripts/compare_runs.py multirun`."""

import json
import sys
from pathlib import Path

from omegaconf import OmegaConf


def last_accuracy(run: Path) -> float:
    """The accuracy after the last epoch of a run."""
    history = json.loads((run / "history.json").read_text(encoding="utf-8"))
    return float(history[-1]["accuracy"])


def main() -> None:
    """Print accuracy and overrides of each run below the folder that is named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: python scripts/compare_runs.py FOLDER")
    runs = [path.parent for path in Path(sys.argv[1]).rglob("history.json")]
    for run in sorted(runs, key=last_accuracy, reverse=True):
        overrides = OmegaConf.load(run / ".hydra" / "overrides.yaml")
        print(f"{last_accuracy(run):.3f}  {' '.join(overrides)}")


if __name__ == "__main__":
    main()
