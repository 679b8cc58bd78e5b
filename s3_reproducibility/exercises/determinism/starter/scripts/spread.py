"""Mean and spread over the seeds of a sweep: `python scripts/spread.py multirun/FOLDER`."""

import json
import sys
from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev

from omegaconf import OmegaConf


def main() -> None:
    """One line for each setting: how many seeds, mean and standard deviation of the last accuracy."""
    if len(sys.argv) != 2:
        sys.exit("usage: python scripts/spread.py FOLDER")
    found = defaultdict(list)
    for path in sorted(Path(sys.argv[1]).rglob("history.json")):
        overrides = OmegaConf.load(path.parent / ".hydra" / "overrides.yaml")
        setting = " ".join(item for item in overrides if not item.startswith("seed="))
        found[setting].append(json.loads(path.read_text(encoding="utf-8"))[-1]["accuracy"])
    for setting, values in found.items():
        spread = stdev(values) if len(values) > 1 else 0.0
        print(f"{setting or 'as in conf'}: {len(values)} seeds, {mean(values):.3f} ± {spread:.3f}")


if __name__ == "__main__":
    main()
