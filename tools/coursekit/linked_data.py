"""What search engines and catalogues read of a page: the course in the terms of schema.org, as JSON-LD.

Everything is derived from the course. A session is a `Syllabus`, which schema.org defines as the description of a
section of a course with a time of its own; a module is a `LearningResource`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from .model import Course, Module, Page, Session
from .paths import repository_url
from .timeplan import plan

LANGUAGE = "en-GB"
Address = Callable[[str], str]
Thing = dict[str, Any]


def linked_data(course: Course, page: Page, address: Address) -> str:
    """The JSON-LD of a page, which can stand in a `<script>`; empty where there is nothing to say of it.

    Args:
        course: The course.
        page: A page of it.
        address: The path of a page → its full address.
    """
    if page.path in course.draft_paths:
        return ""
    things = [thing for thing in (_thing(course, page, address), _breadcrumbs(course, page, address)) if thing]
    return script_json({"@context": "https://schema.org", "@graph": things}) if things else ""


def script_json(data: Any) -> str:
    """JSON that no text in it can end before its time, wherever it stands in HTML."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")


def _thing(course: Course, page: Page, address: Address) -> Thing:
    module, session = course.module_by_path.get(page.path), course.session_by_path.get(page.path)
    if module:
        return _module(course, module, address)
    if session:
        return _session(course, session, address)
    return _course(course, page, address) if page.path == _home(course) else {}


def _course(course: Course, page: Page, address: Address) -> Thing:
    settings = course.settings
    hours = _iso(round(settings.budget.course * 60))
    return _work(course, page, address, "Course", settings.site_name, hours) | _said(
        {
            "courseCode": settings.code,
            "provider": _provider(course),
            "numberOfCredits": settings.ects
            and {"@type": "QuantitativeValue", "value": settings.ects, "unitText": "ECTS"},
            "hasCourseInstance": _edition(course, hours),
            "syllabusSections": [_reference("Syllabus", s.page, address) for s in course.sessions],
        }
    )


def _edition(course: Course, hours: str) -> Thing:
    edition, days = course.settings.edition, plan(course)
    if not days:
        return {}
    return {"@type": "CourseInstance"} | _said(
        {
            "name": edition.name,
            "startDate": days[0].date.isoformat(),
            "endDate": days[-1].date.isoformat(),
            "courseMode": edition.mode,
            "courseWorkload": hours,
            "location": edition.room,
        }
    )


def _session(course: Course, session: Session, address: Address) -> Thing:
    minutes = _iso(session.minutes(course.settings.budget))
    return _work(course, session.page, address, "Syllabus", session.title, minutes) | _said(
        {
            "position": session.number,
            "isPartOf": _course_reference(course, address),
            "hasPart": [_reference("LearningResource", m.page, address) for m in session.modules if not m.draft],
        }
    )


def _module(course: Course, module: Module, address: Address) -> Thing:
    session = next(s.page for s in course.sessions if s.slug == module.session)
    return _work(course, module.page, address, "LearningResource", module.title, _iso(module.minutes)) | _said(
        {
            "learningResourceType": ["lesson", "exercise"] if module.exercises else ["lesson"],
            "teaches": list(module.objectives),
            "position": module.number,
            "isPartOf": [_reference("Syllabus", session, address), _course_reference(course, address)],
        }
    )


def _work(course: Course, page: Page, address: Address, kind: str, name: str, time: str) -> Thing:
    """What is said of the course and of each of its parts alike."""
    settings = course.settings
    licence = "LICENSE" in course.files and settings.repo_url and repository_url(course, "LICENSE")
    return {"@type": kind, "@id": address(page.path)} | _said(
        {
            "url": address(page.path),
            "name": name,
            "description": page.description,
            "timeRequired": time,
            "educationalLevel": settings.level,
            "inLanguage": LANGUAGE,
            "isAccessibleForFree": True,
            "license": licence,
        }
    )


def _provider(course: Course) -> Thing:
    institution = course.settings.institution
    if not institution.name:
        return {}
    return {"@type": "CollegeOrUniversity"} | _said({"name": institution.name, "url": institution.url})


def _course_reference(course: Course, address: Address) -> Thing:
    return {"@type": "Course", "@id": address(_home(course)), "name": course.settings.site_name}


def _reference(kind: str, page: Page, address: Address) -> Thing:
    return {"@type": kind, "@id": address(page.path), "name": page.title}


def _breadcrumbs(course: Course, page: Page, address: Address) -> Thing:
    """The way to a page from the home page; nothing for that page itself."""
    way = [(course.settings.site_name, _home(course)), *((p.title, p.path) for p in _way(course, page))]
    if page.path == _home(course):
        return {}
    items = [
        {"@type": "ListItem", "position": number, "name": name, "item": address(path)}
        for number, (name, path) in enumerate(way, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _way(course: Course, page: Page) -> Iterator[Page]:
    """The page that stands for the folder of a page, where it is another, and the page."""
    if page.folder != course.settings.docs_dir:
        above = (course.page_by_path.get(f"{page.folder}/{name}.md") for name in ("README", "index"))
        yield from (found for found in above if found and found != page)
    yield page


def _home(course: Course) -> str:
    return f"{course.settings.docs_dir}/index.md"


def _said(values: Thing) -> Thing:
    """Only what the course says: neither an empty text nor a number that is not set."""
    return {key: value for key, value in values.items() if value}


def _iso(minutes: int) -> str:
    """Minutes as a duration of ISO 8601.

    >>> _iso(45), _iso(90), _iso(8400), _iso(0)
    ('PT45M', 'PT1H30M', 'PT140H', '')
    """
    hours, rest = divmod(minutes, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest else "") if minutes else ""
