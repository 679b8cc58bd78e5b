"""For all tests: nothing is kept in the cache folder of whoever runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

collect_ignore = ["faults"]  # its programs are broken on purpose


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    patch = pytest.MonkeyPatch()
    patch.setenv("COURSEKIT_CACHE", str(Path(tmp_path_factory.mktemp("cache"))))
