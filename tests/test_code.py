"""Rules about code, on pages: the place in the file is right however the fence is nested, and fixes are safe."""

from __future__ import annotations

from pathlib import Path

import pytest

from coursekit.fix import apply
from coursekit.load import load
from coursekit.markdown import Scan
from coursekit.model import Page, Source
from coursekit.rule import check

CONFIG = "site_name: Any\nmarkdown_extensions: [pymdownx.superfences, pymdownx.snippets]\n"


def site(root: Path, page: str, **files: str) -> Path:
    for path, text in {"mkdocs.yml": CONFIG, "docs/index.md": page, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())
    return root


def found(root: Path, page: str, *select: str, **files: str) -> list[str]:
    course = load(site(root, page, **files))
    return [f"{d.location.line}:{d.location.column}: {d.code}" for d in check(course, select or ["C8"])]


def mended(root: Path, page: str) -> str:
    course = load(site(root, page))
    apply(course, check(course, ["C8"]))
    return (root / "docs/index.md").read_bytes().decode()


def fence(code: str, info: str = "python") -> str:
    return f"```{info}\n{code}```\n"


def nested(text: str, prefix: str) -> str:
    return "".join(f"{prefix}{line}".rstrip(" ") + "\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("head", "prefix", "column"),
    [
        ("", "", 5),
        ("1. Do this\n\n", "    ", 9),
        ('=== "Linux"\n\n', "    ", 9),
        ('1. Do this\n\n    ??? success "Solution"\n\n', "        ", 13),
        ("!!! note\n\n", "    ", 9),
        ("- a\n\n", "  ", 7),
        ("", "> ", 7),
        ("!!! note\n\n", "    > ", 11),
        ("1. a\n\n", "\t", 6),
    ],
)
def test_the_place_in_a_nested_block(tmp_path: Path, head: str, prefix: str, column: int) -> None:
    page = head + nested(fence("def f():\n    x = f(]\n    return x\n"), prefix).replace("x = f(]", "])")
    line = head.count("\n") + 3
    assert found(tmp_path, page) == [f"{line}:{column}: C811"]


def test_line_ends_of_windows(tmp_path: Path) -> None:
    page = fence("if x\n    pass\n").replace("\n", "\r\n")
    assert found(tmp_path, page) == ["2:5: C811"]


@pytest.mark.parametrize(
    "page",
    [
        "```python\nif x\n",  # never closed
        "1. a\n\n    ```python\n    if x\nleft of it\n    ```\n",
        '```python\ndef f():\n    """\n    ```math\n    x\n    ```\n    """\n```\n',  # the inner fence is text
        "````markdown\n```python\nif x\n```\n````\n",
    ],
)
def test_what_is_not_certainly_the_blocks_own_code_is_not_judged(tmp_path: Path, page: str) -> None:
    assert found(tmp_path, page) == []


@pytest.mark.parametrize(
    ("info", "code", "expected"),
    [
        ('python hl_lines="2"', "a\nb\n", []),
        ('python hl_lines="3"', "a\nb\n", ["C805"]),
        ('python hl_lines="1-3"', "a\nb\n", ["C805"]),
        ('python hl_lines="2"', "a\n\nb\n", ["C805"]),
        ('python hl_lines="1 2 3"', "a\n\nb\n", []),
        ('python hl_lines="1-3"', "a\n\nb\n", []),
        ('python hl_lines="1,2"', "a\nb\n", ["C804"]),
        ('python hl_lines="2-1"', "a\nb\n", ["C804"]),
        ("python hl_lines=1", "a\nb\n", ["C804"]),
        ("python hl_lines=“1”", "a\nb\n", ["C804"]),
        ('python title="a', "a\nb\n", ["C804"]),
        ("{ .python .annotate", "a\nb\n", ["C804"]),
        ('python linenums="x"', "a\nb\n", ["C804"]),
        ('python title="a = b"', "a\nb\n", []),
        ("python copy", "a\nb\n", ["C804"]),
        ("from a import b", "b()\n", ["C804"]),
        ('{ .python hl_lines="4" }', "a\nb\n", ["C805"]),
        ('python hl_lines="4"', '--8<-- "missing.py"\n', []),
        ('python hl_lines="4"', "{* file.py *}\n", []),
        ("pyhton", "a\n", ["C801"]),
        ("html+jinja", "a\n", []),
        ("mermaid", "a\n", []),
        ("python { .annotate }", "a\n", []),
    ],
)
def test_options_of_a_fence(tmp_path: Path, info: str, code: str, expected: list[str]) -> None:
    assert [line.rpartition(" ")[2] for line in found(tmp_path, fence(code, info))] == expected


def test_a_word_that_a_site_uses_again_and_again_is_an_option_of_a_plugin(tmp_path: Path) -> None:
    assert found(tmp_path, fence("a\n", "toml tabbed") * 3, "C804") == []


def test_a_fence_that_the_settings_define_is_known(tmp_path: Path) -> None:
    config = CONFIG + "custom:\n  custom_fences:\n    - name: wavy\n      class: wavy\n"
    assert found(tmp_path, fence("a\n", "wavy"), **{"mkdocs.yml": config}) == []


@pytest.mark.parametrize(
    ("snippet", "expected"),
    [
        ("code/a.py:2:3", []),
        ("code/a.py:3:9", ["C806"]),
        ("code/a.py:9", ["C806"]),
        ("code/a.py:-2:", []),
        ("code/a.py:one", []),
        ("code/a.py:two", ["C806"]),
        ("a.py:9", ["C806"]),  # the settings say where paths begin
    ],
)
def test_parts_of_files(tmp_path: Path, snippet: str, expected: list[str]) -> None:
    text = "x\n# --8<-- [start:one]\ny\n# --8<-- [end:one]\n"
    page = fence(f'--8<-- "{snippet}"\n')
    assert [line.rpartition(" ")[2] for line in found(tmp_path, page, **{"code/a.py": text})] == expected


def test_a_snippet_whose_path_is_not_closed(tmp_path: Path) -> None:
    assert found(tmp_path, fence('--8<-- "code/a.py\n', "text"), "C806") == ["2:8: C806"]


def test_highlighted_lines_are_counted_in_the_file_that_is_shown(tmp_path: Path) -> None:
    page = fence('# first\n--8<-- "code/a.py:1:2"\n', 'python hl_lines="3"') + "\n"
    page += fence('--8<-- "code/a.py"\n', 'python hl_lines="3"')
    assert found(tmp_path, page, **{"code/a.py": "x\ny\n"}) == ["6:1: C805"]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("train.py", []),
        ("src/train.py", []),
        ("evaluate.py", ["C807"]),
        ("main.py", []),
        ("Training", []),
        ("a.txt", []),
    ],
)
def test_titles_of_blocks_that_show_a_file(tmp_path: Path, title: str, expected: list[str]) -> None:
    page = fence('--8<-- "code/train.py"\n', f'python title="{title}"')
    assert [line.rpartition(" ")[2] for line in found(tmp_path, page, **{"code/train.py": "x\n"})] == expected


@pytest.mark.parametrize(
    ("info", "code", "expected"),
    [
        ("bash", "pip install “a”\n", 'pip install "a"\n'),
        ("bash", "echo “a” 'it’s' # “b”\n", "echo \"a\" 'it’s' # “b”\n"),
        ("python", "x\u00a0= 'a\u00a0b' # “c”\n", "x = 'a\u00a0b' # “c”\n"),
        ("yaml", "a: “b”\nc: it’s “d”\n", 'a: "b"\nc: it’s “d”\n'),
        ("json", "{“a”: 1}\n", '{"a": 1}\n'),
        ("python", "\u200bx = 1\n", "x = 1\n"),
        ("text", "a\u00a0b “c”\n", "a\u00a0b “c”\n"),
        ("bash", "├──\u00a0a\n", "├──\u00a0a\n"),
        ("bash", "docker run \\  \n  a\n", "docker run \\\n  a\n"),
        ("bash", "$ ls\n$ pwd\n", "ls\npwd\n"),
        ("bash", "$ ls\na b\n", "$ ls\na b\n"),
    ],
)
def test_fixes(tmp_path: Path, info: str, code: str, expected: str) -> None:
    before = nested(fence(code, info), "    ").replace("    ```\n", "    ```\n\ntext “a”\n")
    after = nested(fence(expected, info), "    ").replace("    ```\n", "    ```\n\ntext “a”\n")
    if "  \n" in code:
        before = before.replace("\\\n", "\\  \n")
    assert mended(tmp_path, f"1. a\n\n{before}") == f"1. a\n\n{after}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pip install sklearn\n", ["1:13: C824"]),
        ("Run `pip install -U 'torch>=2' pytorch`.\n", ["1:32: C824"]),
        ("uv add opencv\n", ["1:8: C824"]),
        ("pip install scikit-learn hydra-core\n", []),
        ("Do not `pip install sklearn`.\n", []),
        ("pip install -r yaml\n", []),
        ("conda install pytorch\n", []),
        ("git add git\n", []),
        ('```text title="requirements.txt"\ntorch\nPIL==1\n```\n', ["3:1: C824"]),
    ],
)
def test_packages(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert found(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (fence("import torch\nnp.mean(torch.x)\n"), ["3:1: C813"]),
        (fence("np.mean(x)\n"), []),  # a piece
        (fence("import numpy as np\n") + fence("import torch\nnp.mean(torch.x)\n"), []),
        (fence("import torch\ndef f(np):\n    np.x\n"), []),
        (fence("from x import *\nnp.mean(x)\n"), []),
        (fence("import torch\n...\nnp.mean(x)\n"), []),
        (fence("# src/a/model.py\nimport torch\nnp.mean(x)\n"), []),
        (fence("# Before (v1)\nimport torch\nnp.mean(x)\n"), []),
        (fence("from fastapi import FastAPI\nHTTPStatus.OK\n"), ["3:1: C813"]),
        (fence("import torch\nnp.a\n") + fence("import torch\nnp.b\n"), ["3:1: C813"]),
    ],
)
def test_imports(tmp_path: Path, page: str, expected: list[str]) -> None:
    assert found(tmp_path, page) == expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (fence("import os\n", ""), ["1:1: C802"]),
        ("It prints\n\n" + fence("import os\n", ""), []),
        (fence("pip install a\n", ""), ["1:1: C802"]),
        (fence("pip install a\n", "") * 2, []),  # a custom of the site
        (fence("some output\n", ""), []),
        (fence("pip install a\n", "python"), ["1:1: C803"]),
        (fence("import os\n", "bash"), ["1:1: C803"]),
        (fence("$ python\n>>> import os\n", "bash"), []),
        (fence("FROM python:3.12\nRUN a\n", "bash"), ["1:1: C803"]),
        (fence('{"a": 1}\n', "yaml"), []),
        (fence("{'a': 1}\n", "json"), ["2:2: C812"]),
        (fence("--option\n", "bash"), []),
        (fence("a\n", "pyton") * 3, ["1:1: C801", "4:1: C801", "7:1: C801"]),
        (fence("a\n", "quux") * 2, ["1:1: C801", "4:1: C801"]),
        (fence("a\n", "quux") * 3, []),  # a word of the site's own
        (fence("a\n", "kroki-c4"), []),
        (fence("a\n", "c++"), []),
    ],
)
def test_languages(tmp_path: Path, page: str, expected: list[str]) -> None:
    assert found(tmp_path, page) == expected


@pytest.mark.parametrize(
    ("info", "code"),
    [
        ("json", '{"a": "“b” it’s"}\n'),
        ("python", "print('“a” it’s')\n"),
        ("yaml", 'a: "“b” it’s"\n'),
        ("toml", 'a = "“b”"\n'),
        ("bash", 'echo "“b” it’s"\n'),
    ],
)
def test_typographic_quotes_in_texts_are_texts(tmp_path: Path, info: str, code: str) -> None:
    assert found(tmp_path, fence(code, info)) == []


def test_lines_keep_their_offsets() -> None:
    text = "1. a\n\n    > ```python\n    > x = 1\r\n    >\n    >   y\n    > ```\n"
    page = Page(Source("a.md", text), fences=Scan(text).fences)
    (code,) = page.code
    assert code.text == "x = 1\n\n  y\n"
    assert [text[line.offset :][: len(line.text)] for line in code.lines] == ["x = 1", "", "  y"]
    assert code.certain


@pytest.mark.parametrize("info", ["bash", "", "text"])
def test_commands_are_commands_whatever_the_block_says(tmp_path: Path, info: str) -> None:
    assert found(tmp_path, fence("docker run image\n  --rm\n", info), "C821") == ["2:17: C821"]
