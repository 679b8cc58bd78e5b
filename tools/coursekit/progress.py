"""What the scripts of the site know of the course, so that a student sees how far she has come."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .model import Course, Module, Question


def course_data(course: Course, addresses: Mapping[str, str]) -> str:
    """A script that holds the written modules; a script, as pages from disk may load no data.

    Args:
        course: The course.
        addresses: The path of each page → its address, seen from the root of the site.
    """
    data = {
        "course": course.settings.site_name,
        "modules": [_module(module, addresses) | _former(course, module) for module in course.written],
    }
    return f"window.coursekit = {json.dumps(data, ensure_ascii=False, separators=(',', ':'))};\n"


def _module(module: Module, addresses: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": module.name,
        "label": module.label,
        "title": module.title,
        "core": module.core,
        "session": module.session,
        "url": addresses[module.page.path],
        "exercises": [exercise.heading.anchor for exercise in module.exercises],
        "questions": [question.heading.anchor for question in module.questions],
    }


def _former(course: Course, module: Module) -> dict[str, list[str]]:
    """The names under which a browser may have kept the tasks of a module that was renamed; nothing for most."""
    names = {alias.strip("/").rpartition("/")[2] for alias in module.page.aliases}
    names -= {each.name for each in course.modules}
    return {"was": sorted(names)} if names else {}


def answer_key(module: Module, question: Question) -> str:
    """A short value from which `quiz.js` recognises the right option, and a reader of the HTML does not.

    Empty where not exactly one option is right: then the question stays as it is written.
    """
    right = [number for number, (is_right, _) in enumerate(question.options) if is_right]
    return fnv1a(f"{module.name}/{question.heading.anchor}/{right[0]}") if len(right) == 1 else ""


def fnv1a(text: str) -> str:
    """The 32-bit FNV-1a hash of a text in UTF-8, as eight hexadecimal digits (<http://www.isthe.com/chongo/tech/comp/fnv/>).

    >>> fnv1a(""), fnv1a("a")
    ('811c9dc5', 'e40c292c')
    """
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 % 2**32
    return f"{value:08x}"
