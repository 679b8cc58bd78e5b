"""Pieces of code: what no reading makes right is found at its line, and everything that pages show rightly is not."""

from __future__ import annotations

import ast

import pytest

from coursekit.syntax import Fault, data, dockerfile, python, schemas, shell, workflow
from coursekit.syntax.detect import detected

PYTHON_PIECES = {
    "a method alone": "    def forward(self, x):\n        return x\n",
    "a lone return": "return model\n",
    "await alone": "await client.get(url)\n",
    "an indented beginning, then less": "        loss.backward()\n    return loss\nprint(loss)\n",
    "a header at the end": "for batch in loader:\n",
    "a decorator at the end": '@app.get("/")\n',
    "arguments": "lr=0.1,\nepochs=3,\n",
    "items of a dictionary": '"lr": 0.1,\n"epochs": 3,\n',
    "else alone": "else:\n    print(1)\n",
    "except alone": "except ValueError:\n    pass\n",
    "a case alone": 'case "a":\n    pass\n',
    "ellipsis as body": "def f(x): ...\n",
    "ellipsis among arguments": "f(a=1, ..., b)\n",
    "ellipsis as parameters": "def f(...):\n    return 1\n",
    "typographic ellipsis": "x = [1, 2, …]\n",
    "ellipsis in an open call": "model = Net(\n    ...\n",
    "a comment as body": "def f(x):\n    # your code here\n\nprint(f(1))\n",
    "a signature": "def read(path: str) -> bytes\n",
    "a placeholder": "token = <your token>\n",
    "a blank to fill in": "name = # your name\nprint(name)\n",
    "a field of a template": "from {package} import main\n",
    "jinja": "x = {{ cookiecutter.name }}\n",
    "magics": "%timeit f(1)\n!pip install x\n! ls\nimport os\nf?\n",
    "operators at the beginning": "x = (\n    a\n    != b\n    % c\n)\n",
    "prompts and output": ">>> 1 +\\\n... 1\n2\n>>> for i in x:\n...     print(i)\n1 2 3\n",
    "a cell": "In [1]: 1 + 1\nOut[1]: 2\n",
    "a snippet": 'if x:\n    --8<-- "a.py"\n',
    "newer syntax": "type Pair[T] = tuple[T, T]\nclass Box[T]:\n    pass\n",
    "a nested f-string": 'print(f"{row[\'a\']} {row["b"]}")\n',
    "an escape that warns": 're.match("\\d", x)\n',
    "a NUL byte": "x = '\0'\n",
    "prose": "Some text about it.\n\nNote:\n    More text.\n",
    "a directive": "::: package.module\n    options:\n",
    "a chain that goes on": ".map(a=f(1))\n.filter(2)  # -> b\n",
    "a file put there": "{!src/a.py!}\n",
    "a name to fill in": "x = [1, {your model}]\n",
}
BROKEN_PYTHON = {
    "no colon above an elision": ("class A(B)\n    ...\n", 1),
    "an open bracket below an elision": ('def f():\n    ...\n\nprint(f(1, "…")\n', 4),
    "no colon": ("x = 1\ndef f(x)\n    return x\n", 2),
    "no body": ("def f(x):\nreturn x\n", 2),
    "an odd indentation": ("def f(x):\n    y = x\n   return y\n", 3),
    "an open bracket": ("x = f(1,\ny = 2\nprint(x)\n", 1),
    "a wrong bracket": ("x = [1, 2)\n", 1),
    "an open string": ('print("a)\n', 1),
    "no comma": ("f(\n    a=1\n    b=2,\n)\n", 2),
    "print as in Python 2": ('import sys\nprint "a"\n', 2),
    "an assignment as condition": ("if x = 1:\n    pass\n", 1),
    "behind a prompt": (">>> f(1))\n", 1),
}


@pytest.mark.parametrize("text", PYTHON_PIECES.values(), ids=PYTHON_PIECES.keys())
def test_a_piece_of_python_is_fine(text: str) -> None:
    assert python.faults(text) == []


@pytest.mark.parametrize(("text", "line"), BROKEN_PYTHON.values(), ids=BROKEN_PYTHON.keys())
def test_broken_python_is_found_at_its_line(text: str, line: int) -> None:
    assert [fault.line for fault in python.faults(text)] == [line]


def test_the_column_counts_what_was_dedented() -> None:
    assert [fault.column for fault in python.faults("    x = 1)\n")] == [10]


def test_which_names_a_program_binds() -> None:
    text = "import a.b, c as d\ndef f(g, *h):\n    i = [j for j in g]\nwith k() as m: pass\nfor n in m: pass\n"
    assert set(python.bound_names(ast.parse(text))) == set("adfghijmn")


DATA_PIECES = {
    "several documents": ("yaml", "a: 1\n---\na: 2\n"),
    "tags": ("yaml", "a: !ENV X\nb: !!python/name:x.y\n"),
    "elision in yaml": ("yaml", "a:\n  b: 1\n  ...\nc: 2\n"),
    "elision as a comment": ("yaml", "a:\n  # ...\n  b: 1\n"),
    "a list, then a key": ("yaml", "- a: 1\nb: 2\n"),
    "an indented piece": ("yaml", "    - a: 1\n      b: 2\n"),
    "deeper at its beginning": ("yaml", "    b: 1\n  c: 2\n"),
    "a template": ("yaml", "a: {{ value }}\n{% if x %}\nb: 1\n{% endif %}\n"),
    "an expression of a workflow": ("yaml", "key: ${{ secrets.A }}-b\n"),
    "alternatives": ("yaml", "on: push\n# or\non: pull_request\n"),
    "alternatives with a gap": ("yaml", "on: push\n\non: pull_request\n"),
    "a snippet in yaml": ("yaml", 'a: 1\n--8<-- "b.yml"\n'),
    "comments in json": ("json", '{\n  // a\n  "a": 1, // b\n  "b": [1,],\n}\n'),
    "elision in json": ("json", '{"a": 1, ...}\n'),
    "entries alone": ("json", '"a": 1,\n"b": {"c": 2},\n'),
    "lines of json": ("json", '{"a": 1}\n{"a": 2}\n'),
    "a placeholder in json": ("json", '{"a": <number>}\n'),
    "elision in toml": ("toml", "[a]\nb = 1\n...\n"),
    "a table twice": ("toml", "[a]\nb = 1\n[a]\nb = 2\n"),
    "a field in toml": ("toml", "{name} = 1\n"),
    "an entry of a list in toml": ("toml", '{ a = "b", c = 1 },\n'),
    "a file put there": ("yaml", "{!../a.yml!}\n"),
    "a key twice on purpose": ("yaml", "a: 1\na: 2 # <-- key-duplicates\n"),
}
BROKEN_DATA = {
    "a key within a value": ("yaml", "a: b: c\n", [1]),
    "indented deeper": ("yaml", "a: 1\n  b: 2\n", [2]),
    "indented less": ("yaml", "a:\n    b: 1\n   c: 2\n", [3]),
    "a tab": ("yaml", "a:\n\tb: 1\n", [2]),
    "an open quote": ("yaml", 'a: "b\nc: 1\n', [1]),
    "an at sign": ("yaml", "a: @b\n", [1]),
    "a dash is missing": ("yaml", "steps:\n  - name: a\n    run: b\n    name: c\n", [4]),
    "a key twice": ("yaml", "a: 1\nb: 2\na: 3\n", [3]),
    "a comma at the end": ("json", '{\n  "a": 1,\n}\n', [3]),
    "no comma": ("json", '{\n  "a": 1\n  "b": 2\n}\n', [3]),
    "single quotes": ("json", "{'a': 1}\n", [1]),
    "None": ("json", '{"a": None}\n', [1]),
    "an entry in toml that is none": ("toml", "{ a = b },\n", [1]),
    "a text without quotes": ("toml", "[a]\nb = c\n", [2]),
}


@pytest.mark.parametrize(("language", "text"), DATA_PIECES.values(), ids=DATA_PIECES.keys())
def test_a_piece_of_data_is_fine(language: str, text: str) -> None:
    assert data.faults(language, text) == []


@pytest.mark.parametrize(("language", "text", "lines"), BROKEN_DATA.values(), ids=BROKEN_DATA.keys())
def test_broken_data_is_found_at_its_line(language: str, text: str, lines: list[int]) -> None:
    assert [fault.line for fault in data.faults(language, text)] == lines


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("python-version: 3.10\n", ["3.10"]),
        ("matrix:\n  python-version: [3.9, 3.10]\n", ["3.10"]),
        ("python-version: '3.10'\n", []),
        ("version: 3.0\n", []),
        ("price: 3.10\n", []),
        ("python: 3.20.1\n", []),
    ],
)
def test_a_version_that_loses_its_zero(text: str, lost: list[str]) -> None:
    found = data.nodes(text)
    assert isinstance(found, list)
    assert [node.value for root in found for node in data.lost_zeros(root)] == lost


GOOD_SHELL = {
    "a comment where the shell waits": "a | \\\n  # b\n  c\n",
    "continued": "docker run \\\n  --rm \\\n  image\n",
    "quotes over lines": "git commit -m \"a\n  --not an option\nb\"\necho 'c'\n",
    "quotes within quotes": 'echo "$(date "+%Y")" \'it is "so"\'\n',
    "an apostrophe in a comment": "ls # don't\n# can't\npwd\n",
    "an escaped quote": "echo don\\'t \\\" x\n",
    "a here-document": "cat > a.txt <<EOF\nit's \"\n  --so\nEOF\nls\n",
    "two here-documents": "diff <(cat <<'A'\n'\nA\n) b\n",
    "ansi quotes": "echo $'it\\'s'\n",
    "a hash in a word": "echo a#b'c' ${#x}\n",
    "options as cases": 'case "$1" in\n  --one) ls;;\n  -a|--two) ls;;\n  --three=*) ls;;\nesac\n',
    "an array": "args=(\n  --one\n  --two\n)\n",
    "options alone": "--memory 2G\n--cpu 1\n",
    "a list of options": "Usage: tool [options]\n  -h  help\n",
    "a pipe": "cat a |\n  -x\n",
    "a windows path": "dir C:\\\\\n",
    "an annotation": "docker run \\ # (1)!\n  image\n",
    "a loop": "for i in 1 2; do\n  if true; then echo done; fi\ndone\n",
    "a case": 'case "$1" in\n  a) echo 1;;\nesac\n',
    "words like keywords": "echo if for case\ngit log --format=do\n",
    "output of Python": "Character(\n    name='Jane\n)\n",
}
BROKEN_SHELL = {
    "blanks behind it": ("docker run \\ \n  image\n", [1]),
    "nothing continues it": ("docker run image\n  --rm\n", [1]),
    "one of several is missing": ("docker run \\\n  --rm\n  --name a \\\n  image\n", [2]),
    "a comment behind it": ("docker run \\ # here\n  image\n", [1]),
    "a comment on the next line": ("docker run \\\n  # here\n  image\n", [2]),
    "an empty line": ("docker run \\\n\nls\n", [1]),
    "at the end": ("docker run \\\n  image \\\n", [2]),
    "as on Windows": ("docker run ^\n  image\n", [1]),
}


@pytest.mark.parametrize("text", GOOD_SHELL.values(), ids=GOOD_SHELL.keys())
def test_good_commands(text: str) -> None:
    found = [*shell.open_quotes(text), *shell.open_commands(text), *shell.broken_continuations(text.rstrip("\n"))]
    assert found == []


@pytest.mark.parametrize(("text", "lines"), BROKEN_SHELL.values(), ids=BROKEN_SHELL.keys())
def test_broken_continuations(text: str, lines: list[int]) -> None:
    assert [fault.line for fault in shell.broken_continuations(text.rstrip("\n"))] == lines


def test_a_session_continues_only_its_commands() -> None:
    text = "$ docker run image\n  --rm\n--so says the output\n--and more"
    assert [fault.line for fault in shell.broken_continuations(text, session=True)] == [1]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('echo "a\nls\n', (1, 6)),
        ("git add .\ngit commit -m 'a\n", (2, 15)),
        ("for i in 1; do\n  ls\n", (1, 1)),
        ("if true; then\n  ls\n", (1, 1)),
    ],
)
def test_what_is_never_closed(text: str, place: tuple[int, int]) -> None:
    (fault,) = (*shell.open_quotes(text), *shell.open_commands(text))
    assert (fault.line, fault.column) == place


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("$ a\n# why\n$ b \\\n  c\n", [1, 3]),
        ("$ a\noutput\n", []),
        ("echo $ a\n", []),
        ("", []),
    ],
)
def test_prompts(text: str, lines: list[int]) -> None:
    assert [line for line, *_ in shell.prompts(text)] == lines


GOOD_DOCKERFILES = {
    "whole": 'FROM python:3.12 AS base\nARG A\nENV A=1 B="2 3"\nCOPY --from=x a b\nCMD ["a", "b"]\nEXPOSE 80\n',
    "comments in a command": "RUN apt-get update && \\\n    # why\n    apt-get install -y git \\\n\n    curl\n",
    "a here-document": "RUN <<EOF\npip install x\nEOF\nCOPY <<A /b\nc\nA\n",
    "arguments before": "ARG V=1\nFROM python:${V}\n",
    "a piece": "COPY . .\nRUN pip install .\n",
    "a test": "RUN [ -f a ] || touch a\n",
    "lower case": "from scratch\nrun a\n",
    "elision": "FROM x\n...\nCMD a\n",
    "an annotation": "FROM x\nCOPY a b # (1)!\n",
    "a directive": "# syntax=docker/dockerfile:1\nFROM x\n",
    "an argument with a comment": "ARG A=1 # why\nFROM x\n",
    "old env": "ENV A some value\n",
    "several commands": "RUN a \\\n    b && \\\n    pip install c \\\n    pip-d\n",
    "several files": "COPY a b /c/\nCOPY a b ./\nCOPY a b .\n",
    "another stage": "FROM python:3\nRUN apt update && apt install -y x\nFROM x\nRUN apt-get install -y x\n",
}
BROKEN_DOCKERFILES = {
    "no operator": ("RUN apt-get update \\\n    apt-get install -y a\n", 2),
    "an instruction in a command": ("RUN a \\\nCOPY b c\n", 2),
    "no folder for two": ("COPY a b /c\n", 1),
    "unknown": ("FROM x\nRNU a\n", 2),
    "a missing backslash": ("RUN a &&\n    && b\n", 2),
    "no target": ("COPY a\n", 1),
    "single quotes": ("CMD ['a', 'b']\n", 1),
    "no comma": ('ENTRYPOINT ["a" "b"]\n', 1),
    "a comment behind": ("WORKDIR /app # here\n", 1),
    "blanks around": ("ENV A = 1\n", 1),
    "no value": ("ENV A\n", 1),
    "no argument": ("FROM x\nUSER\n", 2),
    "before the image": ("RUN a\nFROM x\n", 1),
    "two ports": ("EXPOSE 80:80\n", 1),
    "the last backslash": ("RUN a \\\n", 1),
    "no lists": ("FROM python:3.12-slim\nRUN apt-get install -y git\n", 2),
    "a question": ("RUN apt-get update && apt-get install git\n", 1),
}


@pytest.mark.parametrize("text", GOOD_DOCKERFILES.values(), ids=GOOD_DOCKERFILES.keys())
def test_good_dockerfiles(text: str) -> None:
    assert dockerfile.faults(text.rstrip("\n")) == []


@pytest.mark.parametrize(("text", "line"), BROKEN_DOCKERFILES.values(), ids=BROKEN_DOCKERFILES.keys())
def test_broken_dockerfiles(text: str, line: int) -> None:
    assert [fault.line for fault in dockerfile.faults(text.rstrip("\n"))] == [line]


def job(*lines: str) -> str:
    return "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (job("needs: b", "steps: [{run: x}]"), [5]),
        (job("needs: a", "steps: [{run: x}]"), []),
        (job("steps:", "  - run: ${{ matrix.x }}"), [6]),
        (job("strategy: {matrix: {x: [1]}}", "steps:", "  - run: ${{ matrix.x }}"), []),
        (job("strategy: {matrix: {include: [{x: 1}]}}", "steps:", "  - run: ${{ matrix.x }}"), []),
        (job("strategy: {matrix: '${{ fromJSON(needs.b.outputs.m) }}'}", "steps:", "  - run: ${{ matrix.x }}"), []),
        (job("steps:", "  - id: v", "    run: x", "  - run: ${{ steps.w.outputs.y }}"), [8]),
        (job("steps:", "  - run: echo ${{ secrets.A }"), [6]),
        (job("steps:", "  - run: echo ${ secrets.A }"), [6]),
        (job("if: |", "  ${{ github.a &&", "  github.b }}", "steps: [{run: x}]"), []),
        (job("steps:", "  ...", "  - run: ${{ steps.w.outputs.y }}"), []),
        ("a: ${{ matrix.x }}\n", []),
    ],
)
def test_names_in_a_workflow(text: str, lines: list[int]) -> None:
    assert [fault.line for fault in workflow.faults(text)] == lines


@pytest.mark.parametrize(
    ("title", "text", "lines"),
    [
        ("", job("steps:", "  - run: x"), []),
        ("", job("steps:", "  - runs: x"), [6]),
        ("", job("timeout: 5", "steps:", "  - run: x"), [5]),
        ("", "on:\n  push:\n    branch: main\njobs: {a: {runs-on: x, steps: [{run: y}]}}\n", [3]),
        (".github/workflows/a.yml", "jobs:\n  a:\n    runs-on: x\n    steps: [{run: y}]\n", []),
        (".github/workflows/a.yml", "steps:\n  ...\n", []),
        ("compose.yaml", "services:\n  a:\n    image: b\n    port: ['80:80']\n", [4]),
        ("", "services:\n  a:\n    image: b\n    ports: ['80:80']\n", []),
        ("", "services: {postgres: 5}\n", []),
        ("", "repos:\n  - repo: local\n    hooks:\n      - id: a\n        arg: [b]\n", [5]),
        ("", "repos:\n  - repo: https://x\n    rev: v1\n    hooks: [{id: a}]\n", []),
        ("cloudbuild.yaml", "steps:\n  - name: a/b\n    arg: [c]\n", [3]),
        (".github/dependabot.yml", "version: 2\nupdates:\n  - package-ecosystem: pip\n    directory: /\n", [3]),
        ("", "- uses: actions/checkout@v5\n- name: a\n  runs: b\n", [3]),
        ("", "steps:\n  - uses: actions/checkout@v5\n    with: a\n", [3]),
        ("", "on:\n  push:\n    branch: [main]\n", [3]),
        ("", "- name: a\n  shell: b\n", []),
        ("", "a: 1\n", []),
        ("", "on: {{ x }}\njobs: 1\n", []),
        ("", job("steps:", "  - ..."), []),
    ],
)
def test_against_schemas(title: str, text: str, lines: list[int]) -> None:
    assert [fault.line for fault in schemas.faults(title, text)] == lines


def test_a_schema_says_what_is_wrong() -> None:
    found = schemas.faults("", job("steps:", "  - runs: x"))
    assert found == [Fault(6, 9, "This is no valid GitHub workflow: `steps` has the key `runs`.")]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("bash", "pip install x\n# then\ndocker run \\\n  --rm a\n"),
        ("", "make sure that it works\ngit is a tool\n"),
        ("", "pip is a tool\n"),
        ("python", "import os\nprint(os.name)\n"),
        ("", "import os from there\n"),
        ("", "x = 1\n"),
        ("yaml", "on:\n  push:\n    branches: [main]\n"),
        ("", "Name: x\nVersion: 1\nHome: y\n"),
        ("json", '{"a": 1}\n'),
        ("", "[1, 2]\n"),
        ("toml", '[a]\nb = "c"\n'),
        ("", "[a]\nb = c\n"),
        ("dockerfile", "FROM python:3.12\nRUN a\n"),
        ("", "From here on\nrun away\n"),
        ("", ""),
    ],
)
def test_a_language_is_said_only_where_it_is_certain(language: str, text: str) -> None:
    assert detected(text) == language


@pytest.mark.parametrize(
    "text",
    [
        *("(" * 20_000, "[" * 20_000, '{"a":' * 20_000, " " * 1_000_000 + "x", "'\n" * 10_000, "<<A\n" * 10_000),
        *("a:\n" * 10_000, "\u00a0\n" * 10_000, "a \\\n" * 10_000, "…\n" * 10_000, "${{ " * 20_000),
        *("-" * 20_000 + "1", "a" + ".a" * 20_000, "\0"),
    ],
    ids=lambda text: text[:8],
)
def test_anything_comes_to_an_end(text: str) -> None:
    """Without a traceback; how long it takes is for the benchmark."""
    python.faults(text)
    detected(text)
    for language in ("yaml", "json", "toml"):
        data.faults(language, text)
    found = [*shell.open_quotes(text), *shell.broken_continuations(text), *dockerfile.faults(text)]
    found += [*workflow.faults(text), *schemas.faults("compose.yaml", text)]
    assert all(fault.line > 0 and fault.column > 0 for fault in found)
