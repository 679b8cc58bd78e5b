"""The reference pages that are generated from the code: every rule from its docstring, every command from its help."""

from __future__ import annotations

import inspect
import re

from .rule import FAMILIES, Rule, example, rules


def rule_reference() -> str:
    """All rules by family, as Markdown."""
    parts = []
    for prefix, title in FAMILIES.items():
        members = [rule for rule in rules() if rule.code.startswith(prefix)]
        if members:
            parts.append(f"## {prefix} {title} {{#{prefix.lower()}}}")
            parts += [_rule(rule) for rule in members]
    return "\n\n".join(parts)


def _rule(rule: Rule) -> str:
    notes = ["`course check --fix` mends it."] if rule.fixable else []
    notes += ["Drafts are exempt."] if rule.skips_drafts else []
    notes += ["It needs the extra `coursekit[lint]`."] if rule.needs else []
    explanation = re.split(r"^Bad:$", rule.doc, maxsplit=1, flags=re.M)[0].strip()
    examples = [
        f"{which}:\n\n" + "\n\n".join(_listing(path, text) for path, text in example(rule, which).items())
        for which in ("Bad", "Good")
    ]
    heading = f"### {rule.code} {rule.name} {{#{rule.code.lower()}}}"
    return "\n\n".join(filter(None, [heading, explanation, " ".join(notes), *examples]))


def _listing(path: str, text: str) -> str:
    language = {"md": "markdown", "yml": "yaml"}.get(path.rpartition(".")[2], "text")
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`{3,}", text)), 3)
    return f'{fence}{language} title="{path}"\n{text.rstrip()}\n{fence}'


def explanation(rule: Rule) -> str:
    """A rule's documentation for the terminal."""
    said = (("fixable", rule.fixable), ("skips drafts", rule.skips_drafts), ("needs coursekit[lint]", rule.needs))
    flags = [word for word, yes in said if yes]
    suffix = f" ({', '.join(flags)})" if flags else ""
    return f"{rule.code} {rule.name}{suffix}\n\n{inspect.cleandoc(rule.doc)}\n"


def command_reference() -> str:
    """The help of every command, as Markdown."""
    from .__main__ import parsers

    return "\n\n".join(
        f"## `{parser.prog}` {{#{parser.prog.replace(' ', '-')}}}\n\n```text\n{parser.format_help().strip()}\n```"
        for parser in parsers()
    )
