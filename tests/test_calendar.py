"""The calendar file, beyond what the real course shows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import icalendar

from coursekit.calendar_file import calendar_file
from coursekit.load import load
from site_builds import MINIMAL, copy_course

STAMP = datetime(2026, 11, 23, tzinfo=UTC)


def _calendar(tmp_path: Path, title: str, edition: str = "") -> str:
    config = (MINIMAL / "mkdocs.yml").read_text(encoding="utf-8") + edition
    readme = f"---\nmodules: [first]\n---\n# {title}\n"
    return calendar_file(
        load(copy_course(MINIMAL, tmp_path, {"mkdocs.yml": config, "s1_start/README.md": readme})), STAMP
    )


def test_long_titles_with_any_letter_survive(tmp_path: Path) -> None:
    title = "Æbler, smør; og \\ fløde " + "på den lange dag " * 8
    text = _calendar(tmp_path, title)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    event = icalendar.Calendar.from_ical(text).walk("VEVENT")[0]
    assert str(event["SUMMARY"]) == f"S1 {title.strip()}"


def test_without_a_known_time_zone_days_are_whole_days(tmp_path: Path) -> None:
    event = icalendar.Calendar.from_ical(_calendar(tmp_path, "Start", "        time_zone: Europe/Nowhere\n")).walk(
        "VEVENT"
    )[0]
    assert str(event.decoded("DTSTART")) == "2027-01-04"
    assert str(event.decoded("DTEND")) == "2027-01-05"


def test_summer_time_is_respected(tmp_path: Path) -> None:
    edition = '        time_zone: Europe/Copenhagen\n        hours: "08:30-16:00"\n'
    text = _calendar(tmp_path, "Start", edition)
    assert "DTSTART:20270104T073000Z" in text
    later = calendar_file(
        load(
            copy_course(
                tmp_path,
                tmp_path / "x",
                {"mkdocs.yml": (tmp_path / "mkdocs.yml").read_text().replace("2027-01-04", "2027-07-05")},
            )
        ),
        STAMP,
    )
    assert "DTSTART:20270705T063000Z" in later
