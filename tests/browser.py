"""A real browser for tests: the system's Chromium, driven by Playwright, on a site that is built and served here.

A click returns before the page that it leads to is there, and on a slow machine long before. So what follows a click is
asked with `expect`, which looks again until it is true or its time is over; a bare `assert` is for what cannot change.
"""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is not installed here; `python3 tools/dev.py browser` runs these"
)
PATIENCE = 15_000  # milliseconds for anything that is waited for
expect = playwright.expect
expect.set_options(timeout=PATIENCE)

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """The path of the system's Chromium.

    Where there is none, CI fails; anybody else sees that the test was skipped, and why.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        message = f"no browser: none of {', '.join(NAMES)} is installed"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


def wait_until(page: Any, script: str, argument: object = None) -> None:
    """Waits until a script on the page yields something true.

    Playwright's own `wait_for_function` evaluates text within the page, which the site's policy forbids.

    Raises:
        AssertionError: It did not within the time for anything.
    """
    end = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(script, argument):
        assert time.monotonic() < end, f"never true: {script}"
        page.wait_for_timeout(50)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Like GitHub Pages, it answers with the site's own page 404 where there is no other."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        own = next(Path(self.directory).rglob("404.html"), None)
        if code != 404 or own is None:
            super().send_error(code, message, explain)
            return
        content = own.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serves a folder; the address, which ends with a slash."""
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
