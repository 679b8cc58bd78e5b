"""The time plan as a calendar file (iCalendar, RFC 5545)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from .model import Course
from .timeplan import Day, plan


def calendar_file(course: Course, stamp: datetime, site_url: str = "") -> str:
    """All days and deadlines of the edition.

    Args:
        course: Its edition says when.
        stamp: When this calendar was made, with a time zone.
        site_url: The address of the site, for a link in each session's entry; may be empty.
    """
    edition = course.settings.edition
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//coursekit//time plan//EN",
        f"X-WR-CALNAME:{_text(f'{course.settings.site_name} {edition.name}'.strip())}",
    ]
    for day in plan(course):
        lines += _event(course, day, _utc(stamp), site_url)
    for number, deadline in enumerate(edition.deadlines, 1):
        lines += [
            "BEGIN:VEVENT",
            f"UID:deadline-{number}-{deadline.date:%Y%m%d}@{_domain(course)}",
            f"DTSTAMP:{_utc(stamp)}",
            f"DTSTART;VALUE=DATE:{deadline.date:%Y%m%d}",
            f"SUMMARY:{_text('Deadline: ' + deadline.what)}",
            "END:VEVENT",
        ]
    return "".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _event(course: Course, day: Day, stamp: str, site_url: str) -> list[str]:
    edition = course.settings.edition
    room, uid = edition.room, f"{day.kind}-{day.number}"
    if day.session:
        summary, uid = f"{day.session.label} {day.session.title}", day.session.slug
    elif day.kind == "project":
        summary = f"Project day {day.number}"
    else:
        assert edition.examination is not None
        summary, room, uid = edition.examination.what, edition.examination.room, "examination"
    lines = ["BEGIN:VEVENT", f"UID:{uid}-{day.date:%Y}@{_domain(course)}", f"DTSTAMP:{stamp}"]
    if day.begins and day.ends:
        lines += [f"DTSTART:{_utc(day.begins)}", f"DTEND:{_utc(day.ends)}"]
    else:
        following = day.date + timedelta(days=1)
        lines += [f"DTSTART;VALUE=DATE:{day.date:%Y%m%d}", f"DTEND;VALUE=DATE:{following:%Y%m%d}"]
    lines.append(f"SUMMARY:{_text(summary)}")
    lines += [f"LOCATION:{_text(room)}"] if room else []
    if site_url and day.session:
        lines.append(f"URL:{site_url.rstrip('/')}/{day.session.slug}/")
    return [*lines, "END:VEVENT"]


def _domain(course: Course) -> str:
    """What makes the identifiers of this course's events its own."""
    return re.sub(r"[^a-z0-9.-]+", "-", course.settings.repo_url.partition("://")[2].lower()) or "course"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11)."""
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\n", "\\n")


def _folded(line: str) -> str:
    """A content line of at most 75 octets, continued on lines that begin with a space (RFC 5545, 3.1)."""
    pieces, current = [], ""
    for character in line:
        if len((current + character).encode()) > 75:
            pieces.append(current)
            current = " "
        current += character
    return "\r\n".join([*pieces, current]) + "\r\n"
