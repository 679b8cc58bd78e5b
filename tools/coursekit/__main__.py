"""The command line: `course check | rules | new | move`. Exit codes: 0 clean, 1 something found, 2 misuse."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .load import NotACourseError, load
from .model import Course

if TYPE_CHECKING:
    from .scaffold import Plan

CLEAN, FOUND, MISUSE = 0, 1, 2

EXAMPLES = {
    "check": """\
  course check                          the course in this folder
  course check --fix                    mend what can be mended safely
  course check --select C3,image-alt    one family and one rule
  course check --format github          annotations for a pull request""",
    "rules": """\
  course rules                          one line a rule
  course rules C301                     why, a bad and a good example""",
    "new session": """\
  course new session privacy --title "Privacy"
                                        makes s10_privacy/ after nine sessions""",
    "new module": """\
  course new module s3_reproducibility lock_files --title "Lock files" --after configuration""",
    "move": """\
  course move logging s5_continuous_integration --after testing
                                        shows what would change
  course move logging s5_continuous_integration --after testing --write
                                        does it
  course move logging --name observability --write
                                        renames it where it is""",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except NotACourseError as error:
        return _misuse(str(error))
    except BrokenPipeError:  # the reader (`| head`) has seen enough
        sys.stderr.close()
        return CLEAN


def _misuse(message: str) -> int:
    print(f"course: {message}", file=sys.stderr)
    return MISUSE


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="course",
        description="Keep a course of Markdown sessions and modules consistent.",
        epilog="`course COMMAND --help` explains a command and shows examples.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _check_parser(commands)
    _rules_parser(commands)
    new = commands.add_parser("new", help="make a session or a module", description="Make a session or a module.")
    kinds = new.add_subparsers(title="what", metavar="WHAT", required=True)
    _new_session_parser(kinds)
    _new_module_parser(kinds)
    _move_parser(commands)
    return top


def parsers() -> Iterator[argparse.ArgumentParser]:
    """Every parser that runs something, in the order of the help."""

    def leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
        inner = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        if not inner:
            yield parser
        for action in inner:
            for child in action.choices.values():
                yield from leaves(child)

    return leaves(parser())


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    key: str = "",
) -> argparse.ArgumentParser:
    made = commands.add_parser(
        name,
        help=summary[0].lower() + summary[1:].rstrip("."),
        description=summary,
        epilog="examples:\n" + EXAMPLES[key or name],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.set_defaults(run=run)
    return made


def _check_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    made = _command(commands, "check", _check, "Find what is inconsistent, with file and line.")
    made.add_argument(
        "path",
        nargs="?",
        type=Path,
        default=Path(),
        metavar="PATH",
        help="folder with mkdocs.yml (default: here)",
    )
    made.add_argument(
        "--select",
        type=_words,
        default=[],
        metavar="RULES",
        help="only these: codes, beginnings of codes or names, with commas",
    )
    made.add_argument("--ignore", type=_words, default=[], metavar="RULES", help="all but these")
    made.add_argument("--fix", action="store_true", help="mend what can be mended without changing what is meant")
    made.add_argument(
        "--format",
        choices=["text", "github", "json"],
        default="text",
        help="how to print what is found (default: text)",
    )


def _rules_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    made = _command(commands, "rules", _rules, "List the rules, or explain one.")
    made.add_argument("rule", nargs="?", metavar="RULE", help="a code such as C301, or a name")


def _new_session_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    made = _command(commands, "session", _new_session, "Make the next session.", "new session")
    made.add_argument("name", help="what its folder is called, without the number")
    made.add_argument("--title", required=True, help="its heading")
    _root_option(made)


def _new_module_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    made = _command(commands, "module", _new_module, "Make a module, as a draft.", "new module")
    made.add_argument("session", help="the folder of its session")
    made.add_argument("name", help="what its page is called, without .md")
    made.add_argument("--title", required=True, help="its heading")
    made.add_argument("--after", metavar="MODULE", help="its place (default: last)")
    made.add_argument("--optional", action="store_true", help="not a core module")
    _root_option(made)


def _move_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    made = _command(commands, "move", _move, "Move or rename a module, with everything that names it.")
    made.add_argument("module", help="its name")
    made.add_argument("session", nargs="?", help="the folder of the session to move it to (default: its own)")
    place = made.add_mutually_exclusive_group()
    place.add_argument(
        "--after",
        metavar="MODULE",
        help="its place (default: last; its own place where it stays in its session)",
    )
    place.add_argument("--first", action="store_true", help="before all others of the session")
    made.add_argument("--name", metavar="NEW", help="its new name")
    made.add_argument("--write", action="store_true", help="do it; without this, only show what would change")
    _root_option(made)


def _root_option(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--root", type=Path, default=Path(), metavar="PATH", help="folder with mkdocs.yml (default: here)"
    )


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _check(arguments: argparse.Namespace) -> int:
    from . import fix, report
    from .rule import UnknownRuleError, check

    try:
        course = load(arguments.path)
        found = check(course, arguments.select, arguments.ignore)
    except UnknownRuleError as error:
        return _misuse(str(error))
    failures: list[str] = []
    if arguments.fix:
        result = fix.apply(course, found)
        failures = [f"{failure.location}: {failure.message}" for failure in result.failures]
        failures += [f"{found.location}: It overlaps another fix; run again." for found in result.postponed]
        print(f"Mended {len(result.fixed)} of the problems in {len(result.written)} files.", file=sys.stderr)
        found = check(load(arguments.path), arguments.select, arguments.ignore)
    print(getattr(report, arguments.format)(found), end="")
    for failure in failures:
        print(f"course: not mended: {failure}", file=sys.stderr)
    return FOUND if found else CLEAN


def _rules(arguments: argparse.Namespace) -> int:
    from .reference import explanation
    from .rule import UnknownRuleError, rules, selected

    if arguments.rule is None:
        for rule in rules():
            print(f"{rule.code}  {'[*]' if rule.fixable else '   '} {rule.name:<36} {rule.summary}")
        return CLEAN
    try:
        print("\n\n".join(explanation(rule).rstrip() for rule in selected([arguments.rule])))
    except UnknownRuleError as error:
        return _misuse(str(error))
    return CLEAN


def _new_session(arguments: argparse.Namespace) -> int:
    from .scaffold import new_session

    return _carry_out(arguments, lambda course: new_session(course, arguments.name, arguments.title))


def _new_module(arguments: argparse.Namespace) -> int:
    from .scaffold import new_module

    return _carry_out(
        arguments,
        lambda course: new_module(
            course,
            arguments.session,
            arguments.name,
            arguments.title,
            core=not arguments.optional,
            after=arguments.after,
        ),
    )


def _move(arguments: argparse.Namespace) -> int:
    from .scaffold import move

    return _carry_out(
        arguments,
        lambda course: move(
            course,
            arguments.module,
            arguments.session,
            after=arguments.after,
            first=arguments.first,
            name=arguments.name,
        ),
        write=arguments.write,
    )


def _carry_out(arguments: argparse.Namespace, make: Callable[[Course], Plan], write: bool = True) -> int:
    """Show a plan and, unless this is a dry run, do it."""
    from .scaffold import ScaffoldError

    try:
        course = load(arguments.root)
        plan = make(course)
        print(plan.describe(), end="")
        if write:
            plan.write(course.root)
        else:
            print("Nothing is changed yet; add --write to do this.")
    except ScaffoldError as error:
        return _misuse(str(error))
    return CLEAN


if __name__ == "__main__":
    sys.exit(main())
