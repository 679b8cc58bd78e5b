"""The command line, one function a command. Exit codes: 0 clean, 1 something found, 2 misuse."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .load import NotACourseError, load
from .model import Course

if TYPE_CHECKING:
    from .run.student import Done
    from .scaffold import Plan

CLEAN, FOUND, MISUSE = 0, 1, 2
INTERRUPTED = 130  # as a shell says it

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
    "start": """\
  course start command_line ../mailroom
                                        begins in a new folder
  course start git                      the next module, in the project's folder
  course start git --missing            puts back starter files that are gone""",
    "try": """\
  course try command_line               your work in this folder
  course try M1 ../mailroom             in another folder""",
    "project": """\
  course project s5 caught_up           as on the morning of the fifth session
  course project git caught_up          as before the module on Git""",
    "offline": """\
  course offline ../my_course           open ../my_course/index.html in a browser
  course offline site/offline.zip       the same as one file to download""",
    "verify": """\
  course verify                         all pages and exercises that are written
  course verify --module command_line   one module
  course verify --session s1 --list     only say what would be run, and what not
  course verify --record                and note for the site that it was run today""",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except NotACourseError as error:
        return _misuse(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
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
    _start_parser(commands)
    _try_parser(commands)
    _project_parser(commands)
    _offline_parser(commands)
    _verify_parser(commands)
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
        choices=["text", "github", "gcc", "json"],
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


def _start_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    made = _command(commands, "start", _start, "Begin a module: put its starter files into your project.")
    made.description = (
        "Begin a module: put its starter files into your project. An empty or new folder gets the whole project as it "
        "stands before the module. A file that you have changed is kept: peek.sh becomes peek.sh.bak."
    )
    made.add_argument("module", metavar="MODULE", help="its name, or its number on the site, such as M5")
    _project_folder(made)
    made.add_argument("--missing", action="store_true", help="only put files that are not there; change no other")
    _course_option(made)


def _try_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    made = _command(commands, "try", _try, "Check your work on a module: which exercises pass, and what to look at.")
    made.add_argument("module", metavar="MODULE", help="its name, or its number on the site, such as M5")
    _project_folder(made)
    made.add_argument("--seconds", type=float, default=60, help="how long one check may take (default: 60)")
    _course_option(made)


def _project_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    made = _command(
        commands, "project", _project, "Write the running example as it stands at some point of the course."
    )
    made.add_argument("where", metavar="WHERE", help="a session (its morning), such as s5, or a module (before it)")
    made.add_argument("folder", type=Path, metavar="DIR", help="where to; a new or empty folder")
    made.add_argument(
        "--force", action="store_true", help="also into one that is not empty; keeps what differs as .bak"
    )
    _course_option(made)


def _offline_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    made = _command(commands, "offline", _offline, "Build the site as a folder that works from disk, without a server.")
    made.add_argument("target", type=Path, metavar="DIR", help="a folder, or a file that ends in .zip")
    _root_option(made)


def _verify_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    made = _command(commands, "verify", _verify, "Run every block of code on the pages, and every exercise.")
    made.add_argument("--session", default="", metavar="SESSION", help="only this one: s1, or its folder")
    made.add_argument("--module", default="", metavar="MODULE", help="only this one: its name, or number, such as M5")
    made.add_argument("--list", action="store_true", help="run nothing; a line for each block and exercise, and totals")
    made.add_argument("--record", action="store_true", help="write down what ran today, for the site to show")
    made.add_argument(
        "--workflows", type=Path, metavar="DIR", help="run nothing; write the GitHub workflows into DIR, for linters"
    )
    made.add_argument("--results", type=Path, metavar="FILE", help="write everything that came of it, as JSON")
    cores = os.cpu_count() or 1
    made.add_argument(
        "--jobs", type=int, default=cores, metavar="N", help="pages at the same time (default: all cores)"
    )
    _root_option(made)


def _project_folder(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="your project's folder (default: this one)"
    )


def _course_option(made: argparse.ArgumentParser) -> None:
    found = "folder of the course (default: here, above, or where coursekit was installed from)"
    made.add_argument("--root", type=Path, metavar="PATH", help=found)


def _root_option(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--root", type=Path, default=Path(), metavar="PATH", help="folder with mkdocs.yml (default: here)"
    )


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _check(arguments: argparse.Namespace) -> int:
    from . import fix, report
    from .rule import UnknownRuleError, checked, selected

    try:
        course = load(arguments.path)
        result = checked(course, arguments.select, arguments.ignore)
    except UnknownRuleError as error:
        return _misuse(str(error))
    failures: list[str] = []
    if arguments.fix:
        mended = fix.apply(course, result.found)
        failures = [f"{failure.location}: {failure.message}" for failure in mended.failures]
        failures += [f"{found.location}: It overlaps another fix; run again." for found in mended.postponed]
        files = report.count(len(mended.written), "file")
        print(f"Mended {len(mended.fixed)} of the problems in {files}.", file=sys.stderr)
        result = checked(load(arguments.path), arguments.select, arguments.ignore)
    print(report.FORMATS[arguments.format](result), end="")
    if skipped := [rule.code for rule in selected(arguments.select, arguments.ignore) if not rule.possible]:
        print(f"course: not checked: {', '.join(skipped)}; that needs pip install 'coursekit[lint]'.", file=sys.stderr)
    for failure in failures:
        print(f"course: not mended: {failure}", file=sys.stderr)
    return FOUND if result.found else CLEAN


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


def _start(arguments: argparse.Namespace) -> int:
    from .run.student import find_module, start

    def work(course: Course) -> Done:
        return start(course, find_module(course, arguments.module), arguments.folder, arguments.missing)

    return _for_a_student(arguments, work)


def _try(arguments: argparse.Namespace) -> int:
    from .run.student import attempt, find_module

    def work(course: Course) -> Done:
        return attempt(course, find_module(course, arguments.module), arguments.folder, arguments.seconds)

    return _for_a_student(arguments, work)


def _project(arguments: argparse.Namespace) -> int:
    from .run.student import project

    return _for_a_student(arguments, lambda course: project(course, arguments.where, arguments.folder, arguments.force))


def _offline(arguments: argparse.Namespace) -> int:
    from .offline import OfflineError, offline

    try:
        offline(load(arguments.root), arguments.target)
    except OfflineError as error:
        print(f"course: {error}", file=sys.stderr)
        return FOUND
    except OSError as error:
        return _misuse(f"{error.filename or arguments.target} cannot be written: {error.strerror or error}.")
    return CLEAN


def _verify(arguments: argparse.Namespace) -> int:
    if importlib.util.find_spec("sybil") is None:
        return _misuse("`course verify` needs more than the site does: pip install 'coursekit[run]'.")
    from .run.verify import SelectionError, main, select
    from .run.workflows import export

    try:
        course = load(arguments.root)
        if arguments.workflows:
            written = export(course, select(course, arguments.session, arguments.module), arguments.workflows)
            print("".join(f"{path}\n" for path in written), end="")
            return CLEAN
        chosen = arguments.session, arguments.module
        return main(course, *chosen, arguments.list, arguments.record, arguments.jobs, arguments.results)
    except SelectionError as error:
        return _misuse(str(error))


def _for_a_student(arguments: argparse.Namespace, work: Callable[[Course], Done]) -> int:
    from .run.student import StudentError, find_course

    try:
        done = work(find_course(arguments.root))
    except StudentError as error:
        return _misuse(str(error))
    print("\n".join(done.lines))
    return CLEAN if done.passed else FOUND


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
