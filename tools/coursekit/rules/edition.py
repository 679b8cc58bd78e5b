"""The edition: dates, hours and the time zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from zoneinfo import available_timezones

from ..diagnostic import Diagnostic
from ..fields import near, nearest
from ..model import Course, Location
from ..rule import rule
from ..settings import WEEKDAYS
from ..timeplan import plan, teaching_days, time_zone


@rule("C601")
def edition_start(course: Course) -> Iterator[Diagnostic]:
    """The edition begins on a day on which there is no teaching.

    The time plan then begins with the next teaching day, which is not what the settings say.

    Bad:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        plugins:
          - course:
              budget: {course: 1, session: 1, tolerance: 1, lecture: 0, other: 0}
              edition:
                name: Spring 2027
                start: 2027-01-03  # a Sunday

    Good:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        plugins:
          - course:
              budget: {course: 1, session: 1, tolerance: 1, lecture: 0, other: 0}
              edition:
                name: Spring 2027
                start: 2027-01-04
    """
    edition = course.settings.edition
    first = next(teaching_days(edition), None)
    if edition.start and edition.start != first:
        weekday = WEEKDAYS[edition.start.weekday()].capitalize()
        reason = "a holiday" if edition.start in edition.holidays else "no day of teaching"
        yield Diagnostic(
            course.settings.at("edition", "start"),
            f"The edition starts on {weekday}, {edition.start}, which is {reason}.",
            f"The first teaching day from then on is {first}." if first else "",
        )


@rule("C602")
def unknown_session_in_project_days(course: Course) -> Iterator[Diagnostic]:
    """Project days follow a session that does not exist.

    These days are missing from the time plan, though the hours of the course count them.

    Bad:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        plugins:
          - course:
              budget: {course: 1, session: 1, tolerance: 1, lecture: 0, project_day: 1, other: 0}
              edition:
                name: Spring 2027
                start: 2027-01-04
                project_days: {s2: 1}

    Good:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        plugins:
          - course:
              budget: {course: 1, session: 1, tolerance: 1, lecture: 0, project_day: 1, other: 0}
              edition:
                name: Spring 2027
                start: 2027-01-04
                project_days: {s1: 1}
    """
    labels = [session.label.lower() for session in course.sessions]
    for key in course.settings.edition.project_days:
        if key not in labels:
            yield Diagnostic(
                course.settings.at("edition", "project_days", key),
                f"There is no session `{key}` for project days to follow.",
                nearest(key, labels),
            )


@rule("C603")
def date_outside_edition(course: Course) -> Iterator[Diagnostic]:
    """A date lies before the edition begins, or the examination before its last day.

    Mostly it was left over from the year before.

    Bad:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        plugins:
          - course:
              budget: {course: 1, session: 1, tolerance: 1, lecture: 0, other: 0}
              edition:
                name: Spring 2027
                start: 2027-01-04
                deadlines:
                  - {date: 2026-01-08, what: Report}

    Good:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        plugins:
          - course:
              budget: {course: 1, session: 1, tolerance: 1, lecture: 0, other: 0}
              edition:
                name: Spring 2027
                start: 2027-01-04
                deadlines:
                  - {date: 2027-01-08, what: Report}
    """
    start, examination = course.settings.edition.start, course.settings.edition.examination
    if start is None:
        return
    for location, day, what in _dates(course):
        if day < start:
            yield Diagnostic(
                location,
                f"{what} is on {day}, before the edition starts on {start}.",
                "Check the year of both.",
            )
    last = max((day.date for day in plan(course) if day.kind != "examination"), default=start)
    if examination and start <= examination.date < last:
        yield Diagnostic(
            course.settings.at("edition", "examination", "date"),
            f"The examination is on {examination.date}, but there is teaching until {last}.",
            "The time plan shows on which day each session falls.",
        )


def _dates(course: Course) -> Iterator[tuple[Location, date, str]]:
    """Every date that is typed in the edition, with its place and what it is."""
    settings = course.settings
    for deadline in settings.edition.deadlines:
        yield settings.source.at(deadline.offset), deadline.date, f"The deadline “{deadline.what}”"
    for index, day in enumerate(settings.edition.holidays):
        yield settings.at("edition", "holidays", index), day, "A holiday"
    if settings.edition.examination:
        place = settings.at("edition", "examination", "date")
        yield place, settings.edition.examination.date, "The examination"


@rule("C604")
def unknown_time_zone(course: Course) -> Iterator[Diagnostic]:
    """The time zone is not in the time zone database.

    The calendar file then cannot say when a day begins, and shows days without hours.

    Bad:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        plugins:
          - course:
              budget: {course: 1, session: 1, tolerance: 1, lecture: 0, other: 0}
              edition:
                name: Spring 2027
                start: 2027-01-04
                time_zone: Europe/Kopenhagen

    Good:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        plugins:
          - course:
              budget: {course: 1, session: 1, tolerance: 1, lecture: 0, other: 0}
              edition:
                name: Spring 2027
                start: 2027-01-04
                time_zone: Europe/Copenhagen
    """
    name = course.settings.edition.time_zone
    if time_zone(name) is None and (known := sorted(available_timezones())):
        close = near(name, known)
        yield Diagnostic(
            course.settings.at("edition", "time_zone"),
            f"There is no time zone `{name}`.",
            f"Did you mean `{close}`?" if close else "Write it like `Europe/Copenhagen`.",
        )


@rule("C605")
def hours_reversed(course: Course) -> Iterator[Diagnostic]:
    """A day of teaching ends before it begins.

    Calendar programs show such an event wrongly, or leave it out.

    Bad:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        plugins:
          - course:
              budget: {course: 1, session: 1, tolerance: 1, lecture: 0, other: 0}
              edition:
                name: Spring 2027
                start: 2027-01-04
                hours: "17:00-09:00"

    Good:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        plugins:
          - course:
              budget: {course: 1, session: 1, tolerance: 1, lecture: 0, other: 0}
              edition:
                name: Spring 2027
                start: 2027-01-04
                hours: "09:00-17:00"
    """
    edition = course.settings.edition
    if edition.ends <= edition.begins:
        yield Diagnostic(
            course.settings.at("edition", "hours"),
            f"A day ends at {edition.ends:%H:%M}, not after it begins at {edition.begins:%H:%M}.",
            'Write when it begins, then when it ends, like `"09:00-17:00"`, by a clock of 24 hours.',
        )
