"""How often the checker is right about the pages of others: `python tests/precision.py FOLDER…`.

Each folder holds the source distribution of a project whose documentation is built by MkDocs, unpacked, and is
called by the project's name and version (`hatch-1.18.2`); `pip download --no-deps --no-binary :all: hatch==1.18.2`
fetches one. Every finding there was looked at, and what we saw stands in `precision.csv`: whether it is a fault
that the authors would want to know of. `void` is a finding that is due to a file left out of the distribution.

Printed are, for each rule, how many findings there are, how many of them were looked at, and how many are real;
below that, the findings which nobody has looked at yet. `--table` prints the tables of the instructors' pages,
for which no folder is needed. A percentage is claimed from ten findings on.

Verdicts are on findings as they are now, after the rules were improved on these very pages. What they had said of
pages that nobody had looked at before is in `precision_unseen.csv`: for each look, and each rule, how many findings
there were and how many of them were real. It is never brought up to date; a further look gets a further number.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from coursekit.diagnostic import Diagnostic
from coursekit.load import load
from coursekit.rule import check, registry, rules

VERDICTS = Path(__file__).with_suffix(".csv")
UNSEEN = Path(__file__).with_name("precision_unseen.csv")
WORDS = ("real", "false", "void")
ENOUGH = 10  # findings, before a percentage says anything


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where one rule complains, of one corpus."""

    corpus: str
    path: str
    line: int
    rule: str


@dataclass(frozen=True, slots=True)
class Verdict:
    word: str
    why: str


def verdicts(text: str) -> dict[Finding, Verdict]:
    """What was seen, from the rows of the file; a row holds all lines of a page with the same verdict.

    Raises:
        ValueError: A row is wrong; the message names it.
    """
    found: dict[Finding, Verdict] = {}
    for number, row in enumerate(csv.DictReader(text.splitlines()), 2):
        if row["verdict"] not in WORDS:
            raise ValueError(f"row {number}: the verdict is one of {', '.join(WORDS)}, not {row['verdict']!r}")
        for line in row["lines"].split():
            finding = Finding(row["corpus"], row["file"], int(line), row["rule"])
            if finding in found:
                raise ValueError(f"row {number}: there is a verdict on {finding} already")
            found[finding] = Verdict(row["verdict"], row["why"])
    return found


def findings(folder: Path) -> Iterator[tuple[Finding, Diagnostic]]:
    """What the rules find in one corpus."""
    for diagnostic in check(load(folder)):
        at = diagnostic.location
        yield Finding(folder.name, at.path, at.line, diagnostic.code), diagnostic


def share(real: int, false: int) -> str:
    """How many of a rule's findings are real; an empty text where there are too few of them."""
    return f"{100 * real / (real + false):.0f} %" if real + false >= ENOUGH else ""


def table(seen: dict[Finding, Verdict]) -> str:
    """The table of the instructors' pages: each rule with findings, as Markdown, and where they were found."""
    words = Counter((finding.rule, verdict.word) for finding, verdict in seen.items() if verdict.word != "void")
    rules()  # registers them
    corpora = sorted({finding.corpus.replace("_", "-") for finding in seen})
    lines = [f"The documentation of {', '.join(corpora)}.", ""]
    lines += ["| Rule | Findings | Real | Share |", "|---|---:|---:|---:|"]
    for code in sorted({code for code, _ in words}):
        real, false = words[code, "real"], words[code, "false"]
        lines.append(f"| {code} {registry[code].name} | {real + false} | {real} | {share(real, false)} |")
    real, false = (sum(count for (_, word), count in words.items() if word == wanted) for wanted in ("real", "false"))
    return "\n".join([*lines, f"| all | {real + false} | {real} | {share(real, false)} |"])


def unseen_table(text: str) -> str:
    """The table of what was found at first sight, look by look, of rules with findings enough in one of them."""
    rows = list(csv.DictReader(text.splitlines()))
    looks = sorted({row["look"] for row in rows})
    counts = {(row["look"], row["rule"]): (int(row["findings"]), int(row["real"])) for row in rows}
    rules()  # registers them
    head = " | ".join(f"Look {look}: findings | Real | Share" for look in looks)
    lines = [f"| Rule | {head} |", "|---|" + "---:|---:|---:|" * len(looks)]
    for code in sorted({row["rule"] for row in rows}):
        seen = [counts.get((look, code), (0, 0)) for look in looks]
        if max(findings for findings, _ in seen) >= ENOUGH:
            lines.append(_unseen_row(f"{code} {registry[code].name}", seen))
    totals = [[sum(pair[at] for key, pair in counts.items() if key[0] == look) for at in (0, 1)] for look in looks]
    return "\n".join([*lines, _unseen_row("all rules", [(findings, real) for findings, real in totals])])


def _unseen_row(name: str, seen: Iterable[tuple[int, int]]) -> str:
    cells = " | ".join(f"{findings} | {real} | {share(real, findings - real)}" for findings, real in seen)
    return f"| {name} | {cells} |"


def report(found: list[tuple[Finding, Diagnostic]], seen: dict[Finding, Verdict]) -> Iterator[str]:
    """The lines to print: rules, what nobody has looked at, and verdicts on what is no longer found."""
    places = {finding for finding, _ in found}
    for code in sorted({finding.rule for finding in places}):
        own = [finding for finding in places if finding.rule == code]
        words = Counter(seen[finding].word for finding in own if finding in seen)
        judged = (
            f"looked at {words.total():4}, real {words['real']:4}, false {words['false']:3}, void {words['void']:2}"
        )
        name = registry[code].name
        yield f"{code} {name:32} {len(own):5} places, {judged}  {share(words['real'], words['false'])}".rstrip()
    for finding, diagnostic in found:
        if finding not in seen:
            yield f"no verdict: {finding.corpus}/{diagnostic.location} {finding.rule} {diagnostic.message}"
        elif seen[finding].word == "false":
            yield f"false: {finding.corpus}/{diagnostic.location} {finding.rule} {diagnostic.message}"
    corpora = {finding.corpus for finding in places}
    yield from (f"no longer found: {f}" for f in seen if f not in places and f.corpus in corpora)


def main(arguments: Iterable[str]) -> None:
    seen = verdicts(VERDICTS.read_text(encoding="utf-8"))
    if list(arguments) == ["--table"]:
        print(unseen_table(UNSEEN.read_text(encoding="utf-8")), table(seen), sep="\n\n")
        return
    found = [pair for folder in arguments for pair in findings(Path(folder).resolve())]
    print("\n".join(report(found, seen)))


if __name__ == "__main__":
    main(sys.argv[1:])
