"""Tests of the module on style, types and docstrings."""

from __future__ import annotations

import contextlib
import doctest
import importlib
import importlib.util
import inspect
import io
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

REPORT = Path("src/mailroom/report.py")
DISAGREEMENTS = Path("notes/disagreements.py")


def run(tool: str, *arguments: str | Path, folder: Path = Path()) -> str:
    """What ruff or mypy says; empty if it is content."""
    found = shutil.which(tool)
    command = [found] if found else [sys.executable, "-m", tool]
    done = subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, encoding="utf-8", check=False, cwd=folder
    )
    return (done.stdout + done.stderr).strip() if done.returncode else ""


def ruff(*arguments: str | Path, folder: Path = Path()) -> str:
    """What ruff's linter says, one line a finding."""
    return run("ruff", "check", "--no-cache", "--output-format=concise", *arguments, folder=folder)


def mypy(*arguments: str | Path, cache: Path) -> str:
    """What mypy says in strict mode, whatever the project's settings are."""
    return run("mypy", "--strict", "--config-file=", f"--cache-dir={cache}", *arguments)


def codes(said: str) -> set[str]:
    """The codes of what ruff has found."""
    return set(re.findall(r"\d+:\d+: ([A-Z]+\d+)", said))


def report() -> ModuleType:
    return importlib.import_module("mailroom.report")


def settings() -> dict[str, Any]:
    """The section `tool` of the project's pyproject.toml."""
    return tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8")).get("tool", {})


def first(said: str) -> str:
    return said.splitlines()[0] if said else ""


# tidy-the-report


def test_tidy_the_report_layout() -> None:
    said = run("ruff", "format", "--isolated", "--no-cache", "--line-length=120", "--check", "--quiet", REPORT)
    assert not said, f"{REPORT} is not formatted: uv run ruff format src"


def test_tidy_the_report_findings() -> None:
    said = ruff("--isolated", "--line-length=120", REPORT)
    assert not said, f"ruff still finds something: {first(said)}"


def test_tidy_the_report_calls_are_independent() -> None:
    share_right = report().share_right
    share_right([3, 3, 3], [5, 5, 5])
    shares = share_right([3, 8], [3, 5])
    assert shares == {3: 1.0, 8: 0.0}, f"share_right([3, 8], [3, 5]) after another call is {shares}"
    assert list(share_right([8, 3], [8, 3])) == [3, 8], "the digits of the report are no longer in rising order"


def test_tidy_the_report_table() -> None:
    table = report().as_table({3: 0.5, 8: 1.0})
    assert table == "digit  right\n    3    50%\n    8   100%\nworst: 3 (50%)", f"the table has changed:\n{table}"


# choose-rules


def test_choose_rules_find_what_matters(tmp_path: Path) -> None:
    shutil.copy("pyproject.toml", tmp_path)
    module = tmp_path / "src" / "mailroom" / "careless.py"
    module.parent.mkdir(parents=True)
    module.write_text(
        '"""Careless."""\n\nimport os\n\nimport numpy as np\n\n\ndef mix(labels, readings):\n'
        '    np.random.seed(0)\n    print(os.path.join("data", "raw"))\n    return list(zip(labels, readings))\n',
        encoding="utf-8",
    )
    found = codes(ruff(module, folder=tmp_path))
    for code, fault in {
        "NPY002": "NumPy's global random state",
        "PTH118": "os.path.join",
        "B905": "zip() without strict",
        "D103": "a public function without a docstring",
    }.items():
        assert code in found, f"with your rules, ruff does not find {code}: {fault}"


def test_choose_rules_let_the_rest_be(tmp_path: Path) -> None:
    shutil.copy("pyproject.toml", tmp_path)
    test = tmp_path / "tests" / "test_nothing.py"
    test.parent.mkdir()
    test.write_text(f"def test_nothing() -> None:\n    assert {'1 + ' * 20}1 == 21\n", encoding="utf-8")
    said = ruff(test, folder=tmp_path)
    assert not said, f"your rules find fault with a harmless test: {first(said)}"
    assert settings().get("ruff", {}).get("line-length") == 120, "line-length is not 120"


def test_choose_rules_project_is_content() -> None:
    said = ruff(".")
    assert not said, f"uv run ruff check still finds something in the project: {first(said)}"


def test_choose_rules_with_reasons() -> None:
    chosen = settings().get("ruff", {}).get("lint", {}).get("extend-select", [])
    assert chosen, "pyproject.toml has no extend-select in [tool.ruff.lint]"
    text = Path("pyproject.toml").read_text(encoding="utf-8")
    for code in chosen:
        assert re.search(rf"""["']{code}["'].*#.*\w""", text), f"{code} has no reason: a comment on its line"


def test_choose_rules_no_scan_is_dropped() -> None:
    with contextlib.suppress(ValueError):
        shares = report().share_right([3, 8], [3])
        raise AssertionError(f"share_right with two labels and one reading is {shares}, and no ValueError")


# type-the-report


def test_type_the_report_strictly(tmp_path: Path) -> None:
    said = mypy(REPORT, cache=tmp_path)
    assert not said, f"mypy --strict: {first(said)}"
    assert not re.search(r"type: *ignore|\bAny\b", REPORT.read_text(encoding="utf-8")), "Any and type: ignore hide"


def test_type_the_report_finds_misuse(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("MYPYPATH", "src")
    calls = {
        "share_right([3, 8], (3, 5))": True,
        "as_table(share_right([3], [3])).upper()": True,
        "share_right('38', '35')": False,
        "share_right({3, 8}, [3, 5])": False,
        "share_right([3, 8], [3, 5])['3']": False,
        "worst_digit({3: 0.5}) + 1": False,
        "as_table([0.5, 1.0])": False,
    }
    caller = tmp_path / "caller.py"
    lines = ["from mailroom.report import as_table, share_right, worst_digit", *calls]
    caller.write_text("\n".join([*lines, ""]), encoding="utf-8")
    said = mypy(caller, cache=tmp_path)
    for number, (call, right) in enumerate(calls.items(), 2):
        found = f"caller.py:{number}: error" in said
        assert found != right, f"mypy {'refuses' if found else 'accepts'} {call}"


def test_type_the_report_without_scans() -> None:
    assert report().worst_digit({}) is None, "worst_digit({}) is not None"
    try:
        table = report().as_table({})
    except KeyError:
        raise AssertionError("as_table({}) fails with a KeyError") from None
    assert table == "no scans", f"as_table({{}}) is {table!r}"


def test_type_the_report_settings() -> None:
    mine = settings().get("mypy", {})
    assert mine.get("strict") is True, "[tool.mypy] does not say strict = true"
    assert "src" in mine.get("files", []), '[tool.mypy] does not say files = ["src"]'
    assert not mine.get("ignore_missing_imports"), "ignore_missing_imports for all modules hides misspelt imports"
    excepted = [table["module"] for table in mine.get("overrides", []) if table.get("ignore_missing_imports")]
    assert "sklearn" in str(excepted), "no [[tool.mypy.overrides]] has ignore_missing_imports for sklearn.*"
    assert "torch" in mine.get("untyped_calls_exclude", []), '[tool.mypy] has no untyped_calls_exclude = ["torch"]'


# why-they-disagree


def disagreements() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "disagreements"}
    exec(compile(DISAGREEMENTS.read_text(encoding="utf-8"), DISAGREEMENTS, "exec"), names)
    return names


def test_why_they_disagree_mypy_is_content(tmp_path: Path) -> None:
    said = mypy(DISAGREEMENTS, cache=tmp_path)
    assert not said, f"mypy --strict: {first(said)}"
    text = DISAGREEMENTS.read_text(encoding="utf-8")
    assert not re.search(r"type: *ignore|ty: *ignore|\bcast\b|\bAny\b", text), "mend it; do not silence it"
    assert not re.search(r"\b(has|get)attr\b", text), "hasattr() and getattr() tell a checker nothing: name the type"


def test_why_they_disagree_same_results(tmp_path: Path) -> None:
    found = disagreements()
    saved = tmp_path / "shares.json"
    saved.write_text(json.dumps({3: 0.5, 8: 1}), encoding="utf-8")
    assert found["digit_of"](" 7\n") == 7, "digit_of(' 7\\n') is not 7"
    shares = found["load_shares"](saved)
    assert shares == {3: 0.5, 8: 1.0}, f"load_shares promises dict[int, float] and returns {shares}"


def test_why_they_disagree_refuses() -> None:
    found = disagreements()
    try:
        values = found["as_list"](memoryview(b"\x03\x08"))
    except TypeError as error:
        raise AssertionError(f"as_list refuses a memoryview, which has a tolist: {error}") from None
    assert values == [3, 8], f"as_list of a memoryview of 3 and 8 is {values}"
    with contextlib.suppress(TypeError):
        raise AssertionError(f"as_list('38') is {found['as_list']('38')}, and no TypeError")


# example-in-docstring


def test_example_in_docstring_runs() -> None:
    found = {test.name.rpartition(".")[2]: test for test in doctest.DocTestFinder().find(report())}
    for name in ("share_right", "as_table"):
        examples = found[name].examples if name in found else []
        shown = any(name in example.source for example in examples)
        assert shown, f"the docstring of {name} has no example behind >>> that calls {name}"
        said = io.StringIO()
        doctest.DocTestRunner(verbose=False).run(found[name], out=said.write)
        assert not said.getvalue(), f"the example of {name} does not hold:\n{said.getvalue()}"


def test_example_in_docstring_says_what_it_refuses() -> None:
    said = inspect.getdoc(report().share_right) or ""
    assert re.search("Raises:.*ValueError", said, re.DOTALL), (
        "the docstring of share_right names no ValueError under Raises:"
    )


def test_example_in_docstring_is_collected() -> None:
    mine = settings().get("pytest", {})
    mine = mine.get("ini_options", mine)
    assert "--doctest-modules" in mine.get("addopts", ""), "pytest does not run examples: addopts"
    assert "src" in mine.get("testpaths", []), 'pytest does not look into src: testpaths = ["src", "tests"]'


# readme-as-contract


def promises() -> list[Any]:
    found = importlib.util.spec_from_file_location("check_readme", Path("scripts/check_readme.py"))
    assert found
    assert found.loader
    script = importlib.util.module_from_spec(found)
    found.loader.exec_module(script)
    return list(script.promises(Path("README.md").read_text(encoding="utf-8")))


def test_readme_as_contract_commands() -> None:
    commands = [promise.command for promise in promises()]
    for beginning in ("uv sync", "uv run python -m mailroom.train", "uv run mailroom data/", "uv run pytest"):
        assert any(c.startswith(beginning) for c in commands), f"README.md has no console block with `{beginning}`"


def test_readme_as_contract_is_kept(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    torch = importlib.import_module("torch")
    main = importlib.import_module("mailroom.__main__").main
    model = importlib.import_module("mailroom.model").DigitCNN()
    torch.save(model.state_dict(), tmp_path / "model.pt")
    monkeypatch.setenv("MAILROOM_MODEL", str(tmp_path / "model.pt"))
    shown = [promise for promise in promises() if promise.command.startswith("uv run mailroom data/")]
    assert shown, "README.md shows no scan that is read"
    for promise in shown:
        scans = promise.command.split()[3:]
        assert main(scans) == 0, f"README.md's `{promise.command}` fails"
        printed = capsys.readouterr().out
        names = [line.partition(":")[0] for line in printed.splitlines()]
        lines = promise.output.splitlines()
        assert [line.partition(":")[0] for line in lines] == names, f"README.md shows {lines}, it prints {printed}"


def test_readme_as_contract_says_when_it_fails() -> None:
    text = Path("README.md").read_text(encoding="utf-8")
    for word in ("MAILROOM_MODEL", "xit code"):
        assert word in text, f"README.md says nothing about {word.replace('xit', 'exit')}"


def recipe(name: str, text: str) -> list[str]:
    """The commands of a recipe and of those that it depends on."""
    found = re.search(rf"^{name}\b[^:\n]*:([^\n]*)\n((?:[ \t]+[^\n]*\n?)*)", text, re.MULTILINE)
    if not found:
        return []
    before = [command for other in re.findall(r"[\w-]+", found[1]) for command in recipe(other, text)]
    return [*before, *(line.strip() for line in found[2].splitlines())]


def test_readme_as_contract_tasks() -> None:
    commands = recipe("check", Path("justfile").read_text(encoding="utf-8"))
    for command in ("ruff format --check", "ruff check", "mypy", "pytest"):
        assert any(command in line for line in commands), f"`just check` does not run {command}: look into the justfile"
        line = next(line for line in commands if command in line)
        assert not line.startswith("-"), f"`just check` is content although {command} fails: `{line}`"
