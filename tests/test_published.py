"""The check that the published site is this commit, against a server that serves the right, a stale and no commit."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parent.parent / "tools" / "published.py"
_spec = importlib.util.spec_from_file_location("published", TOOL)
assert _spec is not None
assert _spec.loader is not None
published = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(published)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}/", tmp_path / "index.html"
        served.shutdown()
        thread.join()


def _page(commit: str) -> str:
    return f'<!doctype html><head><meta name="course-commit" content="{commit}"></head>'


def test_right_commit(server: tuple[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    url, home = server
    home.write_text(_page("abc123"))
    assert published.main([url, "--commit", "abc123", "--seconds", "0"]) == 0
    assert "serves abc123" in capsys.readouterr().out


def test_stale_commit(server: tuple[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    url, home = server
    home.write_text(_page("old456"))
    assert published.main([url, "--commit", "abc123", "--seconds", "0"]) == 1
    assert "it serves commit old456" in capsys.readouterr().err


def test_missing_commit(server: tuple[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    url, home = server
    home.write_text("<!doctype html><title>Something else</title>")
    assert published.main([url, "--commit", "abc123", "--seconds", "0"]) == 1
    assert "names no commit" in capsys.readouterr().err


def test_no_page(server: tuple[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    url, _ = server
    assert published.main([url + "nowhere/", "--commit", "abc123", "--seconds", "0"]) == 1
    assert "cannot be fetched" in capsys.readouterr().err


def test_it_waits_for_the_right_commit(server: tuple[str, Path]) -> None:
    url, home = server
    home.write_text(_page("old456"))
    timer = threading.Timer(0.2, lambda: home.write_text(_page("abc123")))
    timer.start()
    assert published.wait_for(url, "abc123", seconds=30, pause=0.05) == ""
    timer.join()
