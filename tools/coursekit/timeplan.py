"""Which day is what: sessions, project days and the examination on the calendar of an edition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .model import Course, Edition, Session


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an edition: `kind` is "session", "project" or "examination"."""

    date: date
    kind: str
    session: Session | None = None
    number: int = 0  # of a project day, counted through the edition from 1
    begins: datetime | None = None  # in the edition's time zone; None where that is unknown
    ends: datetime | None = None


def plan(course: Course) -> tuple[Day, ...]:
    """All days of the course's edition, the examination last; without a `start` only the examination."""
    edition = course.settings.edition
    place = time_zone(edition.time_zone)
    days = list(_teaching(course.sessions, edition, place))
    if edition.examination:
        days.append(_day(edition, place, edition.examination.date, "examination"))
    return tuple(days)


def teaching_days(edition: Edition) -> Iterator[date]:
    """The days on which there is teaching, from the start on: no weekend, no holiday."""
    day = edition.start
    while day is not None:
        if day.weekday() in edition.weekdays and day not in edition.holidays:
            yield day
        day = day + timedelta(days=1) if day < date.max else None


def time_zone(name: str) -> ZoneInfo | None:
    """The time zone of this name; None where the time zone database does not have it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not there; not a name but a path; a folder of the database
        return None


def _teaching(sessions: tuple[Session, ...], edition: Edition, place: ZoneInfo | None) -> Iterator[Day]:
    calendar = teaching_days(edition)
    number = 0
    for session, day in zip(sessions, calendar, strict=False):
        yield _day(edition, place, day, "session", session)
        count = edition.project_days.get(session.label.lower(), 0)
        for _, project_day in zip(range(count), calendar, strict=False):
            number += 1
            yield _day(edition, place, project_day, "project", number=number)


def _day(
    edition: Edition,
    place: ZoneInfo | None,
    day: date,
    kind: str,
    session: Session | None = None,
    number: int = 0,
) -> Day:
    if place is None:
        return Day(day, kind, session, number)
    begins = datetime.combine(day, edition.begins, place)
    return Day(day, kind, session, number, begins, datetime.combine(day, edition.ends, place))
