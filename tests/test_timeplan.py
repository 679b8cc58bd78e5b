"""Sessions, project days and the examination on the calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from coursekit.model import Course
from coursekit.timeplan import Day, plan, time_zone
from courses import DRAFT, course


def with_edition(root: Path, edition: str, sessions: int = 3) -> Course:
    files: dict[str, str | bytes | None] = {
        "mkdocs.yml": "site_name: A\nplugins:\n  - course:\n      edition:\n"
        + "".join(f"        {line}\n" for line in edition.splitlines())
    }
    for number in range(2, sessions + 1):
        files[f"s{number}_more/README.md"] = f"---\nmodules: [m{number}]\n---\n# More\n"
        files[f"s{number}_more/m{number}.md"] = DRAFT
    return course(root, files)


def shown(days: tuple[Day, ...]) -> list[str]:
    return [f"{d.date:%a %d} {d.session.label if d.session else f'{d.kind} {d.number}'}" for d in days]


def test_sessions_and_project_days_fall_on_teaching_days(tmp_path: Path) -> None:
    edition = "name: A\nstart: 2027-01-07\nproject_days: {s1: 1, S3: 2}\nexamination: {date: 2027-01-20}"
    assert shown(plan(with_edition(tmp_path, edition))) == [
        "Thu 07 S1",
        "Fri 08 project 1",
        "Mon 11 S2",
        "Tue 12 S3",
        "Wed 13 project 2",
        "Thu 14 project 3",
        "Wed 20 examination 0",
    ]


def test_holidays_and_other_weekdays_are_left_out(tmp_path: Path) -> None:
    edition = "name: A\nstart: 2027-01-04\nweekdays: [Tuesday, friday]\nholidays: [2027-01-08]"
    assert shown(plan(with_edition(tmp_path, edition))) == ["Tue 05 S1", "Tue 12 S2", "Fri 15 S3"]


def test_hours_are_those_of_the_time_zone_on_that_day(tmp_path: Path) -> None:
    edition = 'name: A\nstart: 2027-03-26\nhours: "08:30-17:00"\ntime_zone: Europe/Copenhagen'
    winter, summer, _ = plan(with_edition(tmp_path, edition))
    assert winter.begins == datetime(2027, 3, 26, 8, 30, tzinfo=time_zone("Europe/Copenhagen"))
    assert winter.begins.utcoffset() == timedelta(hours=1)
    assert summer.begins is not None
    assert summer.begins.utcoffset() == timedelta(hours=2)
    assert summer.ends is not None
    assert summer.ends - summer.begins == timedelta(hours=8, minutes=30)


def test_an_unknown_time_zone_leaves_days_without_hours(tmp_path: Path) -> None:
    days = plan(with_edition(tmp_path, "name: A\nstart: 2027-01-04\ntime_zone: Middle/Earth"))
    assert [(d.begins, d.ends) for d in days] == [(None, None)] * 3


def test_without_a_start_only_the_examination_is_known(tmp_path: Path) -> None:
    assert plan(with_edition(tmp_path / "a", "name: A")) == ()
    (day,) = plan(with_edition(tmp_path / "b", "name: A\nexamination: {date: 2027-01-20}"))
    assert (day.kind, day.date, day.session) == ("examination", date(2027, 1, 20), None)


def test_the_calendar_has_an_end(tmp_path: Path) -> None:
    assert shown(plan(with_edition(tmp_path, "name: A\nstart: 9999-12-30"))) == ["Thu 30 S1", "Fri 31 S2"]


@pytest.mark.parametrize("name", ["", "Europe", "../../etc/passwd", "/etc/passwd", "Middle/Earth", "a\0b", "ü" * 300])
def test_names_that_are_no_time_zone(name: str) -> None:
    assert time_zone(name) is None
