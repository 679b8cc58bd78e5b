"""Python: is it a program, or a piece of one?"""

from __future__ import annotations

import ast
import builtins
import functools
import re
import textwrap
import warnings
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from ..fields import near
from . import ELIDED, PLACEHOLDER, TEMPLATE, Fault, words

MODULES = {  # what everybody calls by the same name, and uses as `name.something` → how it is imported
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    "sns": "import seaborn as sns",
    "tf": "import tensorflow as tf",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "pl": "import lightning.pytorch as pl",
    "transforms": "from torchvision import transforms",
    **{
        name: f"import {name}"
        for name in words(
            "argparse asyncio collections csv cv2 datetime functools httpx hydra itertools joblib json logging math "
            "mlflow numpy onnx onnxruntime os pathlib pickle pytest random re requests shutil sklearn statistics "
            "subprocess sys tempfile threading time torch torchvision transformers typer urllib uuid uvicorn wandb "
            "warnings yaml"
        )
    },
}
NAMES = {  # classes and functions → how they are imported
    name: f"from {module} import {name}"
    for module, names in {
        "typing": "Annotated Any Callable Dict Iterable Iterator List Literal Optional Sequence Tuple TypeVar Union",
        "pathlib": "Path",
        "dataclasses": "dataclass",
        "collections": "defaultdict",
        "functools": "lru_cache",
        "contextlib": "asynccontextmanager contextmanager",
        "copy": "deepcopy",
        "datetime": "datetime timedelta",
        "enum": "Enum",
        "abc": "ABC abstractmethod",
        "io": "BytesIO StringIO",
        "http": "HTTPStatus",
        "torch.utils.data": "DataLoader Dataset TensorDataset",
        "omegaconf": "OmegaConf DictConfig",
        "fastapi": "FastAPI APIRouter BackgroundTasks Depends HTTPException UploadFile",
        "fastapi.responses": "FileResponse HTMLResponse JSONResponse StreamingResponse",
        "fastapi.testclient": "TestClient",
        "pydantic": "BaseModel field_validator",
    }.items()
    for name in names.split()
}
_BUILTINS = frozenset(dir(builtins))
_MANY = 20  # names that a function has and never uses: then it is a list of something
_DIGITS = frozenset("0123456789")
_PROMPT = re.compile(r"^[ \t]*(?:>>>|\.\.\.)(?: |$)", re.M)
_PROMPTED = re.compile(r"^[ \t]*(?:(?P<first>>>>)|\.\.\.)(?: |$)")
_IN_PROMPT = re.compile(r"^(?:In|Out) ?\[\d*\]:", re.M)
_MAGIC = re.compile(
    r"^([ \t]*)(?:%{1,2}[A-Za-z][^\n]*|![ \t]*[A-Za-z./$~\[{][^\n]*|\w[\w.]*\?{1,2}|\?{1,2}\w[\w.]*)$", re.M
)
_SNIPPET = re.compile(r"^([ \t]*)-{1,}8<-{1,}[^\n]*$", re.M)
_INCLUDE = re.compile(r"^[ \t]*(?:\{[!*%]|:::|@@)", re.M)
_NEWER = re.compile(
    r"^\s*type\s+\w+|^\s*(?:async\s+)?(?:def|class)\s+\w+\s*\[|\bt[\"']|^\s*except\s+[\w.]+\s*,|\*\w+\]|lazy "
)
_HEADER = re.compile(
    r"^([ \t]*)(?:async\s+)?(?:def|class|if|elif|else|for|while|with|try|except|finally|match|case)\b.*:\s*(?:#.*)?$"
)
_COMMENT_OR_BLANK = re.compile(r"^[ \t]*(?:#.*)?$")
_LITERAL = re.compile(r"'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|#[^\n]*", re.S)
_PROSE = re.compile(r"\s*[A-Z][a-z]+(?: [A-Za-z']+)+[.:]?\s*\n")
_UNSEEN_LINE = re.compile(r"^[\u200b-\u200f\u2060\ufeff]+[ \t]*$", re.M)
_FIELD = re.compile(r"(?<![\w$fF\"'])\{[A-Za-z_]\w*\}|\b\w*[._]\{[A-Za-z_]\w*\}")
_TO_FILL_IN = re.compile(r"=\s*(?:#|$)")
_WORDS = (  # what Python says → what a reader understands
    ("unmatched '", "a bracket is closed that was never opened"),
    ("was never closed", "a bracket is opened and never closed"),
    ("does not match opening parenthesis", "a bracket is closed by one of another kind"),
    ("unterminated string literal", "a string has no closing quote on its line"),
    ("unterminated triple-quoted", "a string with three quotes is never closed"),
    ("unterminated f-string", "an f-string is never closed"),
    ("expected ':'", "a colon is missing"),
    ("unindent does not match", "a line is indented like none of the lines above it"),
    ("unexpected indent", "a line is indented further than the one above it, without reason"),
    ("expected an indented block", "the line below should be indented"),
    ("inconsistent use of tabs", "tabs and spaces are mixed in the indentation"),
    ("Missing parentheses in call to 'print'", "`print` is called without parentheses, as in Python 2"),
    ("forgot a comma", "a comma is missing"),
    ("invalid decimal literal", "a name cannot begin with a digit"),
    ("leading zeros", "a number cannot begin with 0"),
    ("positional argument follows keyword", "an argument without a name follows one with a name"),
    ("maybe you meant '=='", "`=` stands where a comparison `==` belongs"),
    ("cannot assign to", "a value is assigned to something that cannot hold one"),
    ("invalid non-printable", "it holds a character that cannot be seen"),
)


def parse(text: str) -> ast.Module | SyntaxError:
    """The program, or what is wrong with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about escapes in the author's strings
        try:
            return ast.parse(text)
        except SyntaxError as error:
            return error
        except (ValueError, RecursionError, MemoryError):  # NUL bytes, deep nesting
            return ast.Module([], [])


def outside_literals(text: str) -> str:
    """The text with strings and comments blanked; the length stays."""
    return _LITERAL.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def program(text: str) -> str:
    """The lines that Python would run: prompts, output, magics and snippets taken out, line for line."""
    if _PROMPT.search(text) and ">>>" in text:
        text = _without_prompts(text)
    text = _MAGIC.sub(r"\1pass", _UNSEEN_LINE.sub("", text))
    return _SNIPPET.sub(r"\1pass", text)


def _without_prompts(text: str) -> str:
    lines, inside = [], False
    for line in text.split("\n"):
        match = _PROMPTED.match(line)
        inside = bool(match) and (inside or bool(match["first"])) if match else False
        lines.append(line[match.end() :] if match and inside else "")
    return "\n".join(lines)


def tree(text: str) -> ast.Module | None:
    """The program of a text, or of a reading of it as a piece of one; None where there is none."""
    found = _parsed(textwrap.dedent(program(text)))
    return found if isinstance(found, ast.Module) else None


@functools.lru_cache(maxsize=10_000)  # several rules ask for the same blocks
def _parsed(code: str) -> ast.Module | SyntaxError:
    first = parse(code)
    if isinstance(first, ast.Module):
        return first
    for reading in _readings(code):
        found = parse(reading)
        if isinstance(found, ast.Module):
            return found
    return first


def _readings(code: str) -> Iterator[str]:
    """The same text as a piece of a larger program."""
    indented = textwrap.indent(code, "    ")
    yield f"{_headers(code)}{code}"  # begins indented, goes on less so
    yield f"{code.rstrip()}\n{_last_indent(code)}    pass\n"  # ends with `def f():`
    yield f"{code.rstrip()}\n{_last_indent(code)}def _(): pass\n"  # ends with a decorator
    yield f"f(\n{code}\n)"  # arguments
    yield f"{{\n{code}\n}}"  # items of a dictionary
    yield f"class _:\n{indented}"
    head = code.lstrip()
    if head.startswith(("else", "elif")):
        yield f"if 1:\n    pass\n{code}"
    if head.startswith(("except", "finally")):
        yield f"try:\n    pass\n{code}"
    if head.startswith("case"):
        yield f"match 1:\n{indented}"
    if head.startswith("."):  # goes on with a chain of calls
        yield f"(_\n{code}\n)"
    yield _with_bodies(code)


def _headers(code: str) -> str:
    """A header for each indentation that a text leaves without having entered it."""
    indents = [len(line) - len(line.lstrip()) for line in code.split("\n") if line.strip()]
    outer = {indent for indent in indents if indent < indents[0]}
    return "".join(f"{' ' * indent}if 1:\n" for indent in sorted(outer)[:20])


def _last_indent(code: str) -> str:
    line = code.rstrip().rpartition("\n")[2]
    return line[: len(line) - len(line.lstrip())]


def _with_bodies(code: str) -> str:
    """Headers below which only a comment stands get a body: the comment says what is left out."""
    lines = code.split("\n")
    for index, line in enumerate(lines[:-1]):
        if (header := _HEADER.match(line)) and lines[index + 1].strip().startswith("#"):
            lines[index + 1] = f"{header[1]}    pass"
    return "\n".join(lines)


def faults(text: str) -> list[Fault]:
    """Why a text is neither a program nor a piece of one; at most one, the first."""
    if "\0" in text or TEMPLATE.search(text) or _INCLUDE.search(text) or _IN_PROMPT.search(text) or _PROSE.match(text):
        return []
    code = program(text)
    error = _parsed(textwrap.dedent(code))
    taken = len(code.split("\n", 1)[0]) - len(textwrap.dedent(code).split("\n", 1)[0])
    if isinstance(error, ast.Module):
        module = parse(textwrap.dedent(code))  # a reading of it would shift the lines
        return list(stray_awaits(module))[:1] if isinstance(module, ast.Module) and "await" in code else []
    if _is_elided(code, error) or _is_newer(code, error):
        return []
    line, column = error.lineno or 1, error.offset or 1
    hint = "For commands and what they print, write `console`." if code.lstrip().startswith("$ ") else ""
    return [Fault(line, column + max(taken, 0), f"This is not Python: {_reason(error)}.", hint)]


def _reason(error: SyntaxError) -> str:
    said = error.msg or ""
    return next((words for part, words in _WORDS if part in said), "it makes no sense to the parser from here on")


def _is_elided(code: str, error: SyntaxError) -> bool:
    """Whether something is left out, or stands for something, near the place that Python complains about."""
    lines, said = code.split("\n"), error.msg or ""
    at = min(error.lineno or 1, len(lines))
    line = lines[at - 1]
    near = line if "expected ':'" in said else "\n".join(lines[max(at - 2, 0) : at + 1])
    if _elides(near) or PLACEHOLDER.search(line) or _FIELD.search(outside_literals(line)) or _TO_FILL_IN.search(line):
        return True
    if "unterminated" in said or "never closed" in said:
        paragraph = "\n".join(lines[at - 1 :]).partition("\n\n")[0]
        return _elides(paragraph) or bool(PLACEHOLDER.search("\n".join(lines[at - 1 :])))
    if "argument follows keyword" in said or "argument unpacking follows" in said:
        return _elides(code)
    if "expected an indented block" in said:
        above = next((above for above in reversed(lines[: at - 1]) if above.strip()), "")
        return above.lstrip().startswith("#") or line.lstrip().startswith("#")
    statements = [line for line in lines if not _COMMENT_OR_BLANK.match(line)]
    return len(statements) == 1 and re.match(r"\s*(?:async\s+)?(?:def|class)\b", statements[0]) is not None


def _elides(text: str) -> bool:
    return ELIDED.search(outside_literals(text)) is not None


def _is_newer(code: str, error: SyntaxError) -> bool:
    """Whether a newer Python than the one that runs this may read it."""
    lines = code.split("\n")
    line = lines[min(error.lineno or 1, len(lines)) - 1]
    said = error.msg or ""
    nested = re.search(r"\b[rR]?[fF][rR]?[\"']", line) is not None and "unterminated" not in said
    if said == "f-string: expecting '}'" and any(line.count(q) == 2 and q * 2 not in line for q in "\"'"):
        return False  # the only string of the line, so that no other one within it ends it
    return bool(_NEWER.search(line)) or (said.startswith("f-string") and "single '}'" not in said) or nested


def stray_awaits(module: ast.Module) -> Iterator[Fault]:
    """`await` in a function that is not `async`; at the top of a piece it may stand in a notebook."""
    waiting: list[tuple[ast.AST, bool]] = [(module, False)]
    while waiting:
        node, plain = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            plain = True
        elif isinstance(node, ast.AsyncFunctionDef):
            plain = False
        elif isinstance(node, ast.Await) and plain:
            hint = "Write `async def`."
            yield Fault(node.lineno, node.col_offset + 1, "`await` stands in a function that is not `async`.", hint)
        waiting += [(child, plain) for child in ast.iter_child_nodes(node)]


def bound_names(module: ast.Module) -> Iterator[str]:
    """Every name that a program gives a meaning anywhere: imports, assignments, definitions, arguments."""
    for node in ast.walk(module):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            yield from node.names


def misspelt(module: ast.Module, known: AbstractSet[str]) -> Iterator[tuple[ast.Name, str]]:
    """Names in functions that nothing defines, each with an almost equal one that the function has and never uses."""
    for function in ast.walk(module):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
            read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
            own = {node.id: node.lineno for node in names if isinstance(node.ctx, ast.Store)}
            own |= {node.arg: function.lineno for node in ast.walk(function.args) if isinstance(node, ast.arg)}
            unused = [name for name in own if name not in read and not name.startswith("_")]
            for node in names if 0 < len(unused) < _MANY else ():
                if node.id in known or node.id in _BUILTINS or not node.id.islower():
                    continue
                meant = near(node.id, [name for name in unused if own[name] < node.lineno], cutoff=0.8)
                if meant and not (set(meant) ^ set(node.id)) & _DIGITS:
                    yield node, meant


def imports(module: ast.Module) -> bool:
    """Whether the program says what it needs: it has an import at its beginning."""
    body = [node for node in module.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    return bool(body) and isinstance(body[0], (ast.Import, ast.ImportFrom))


def used(module: ast.Module) -> Iterator[tuple[str, int, int]]:
    """The well-known names that a program uses, with line and column."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in MODULES:
            yield node.value.id, node.value.lineno, node.value.col_offset + 1
        elif isinstance(node, ast.Name) and node.id in NAMES and isinstance(node.ctx, ast.Load):
            yield node.id, node.lineno, node.col_offset + 1
