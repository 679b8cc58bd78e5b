"""The learning path: every module as a box in the row of its session, every prerequisite as a line.

A layered drawing needs no solver here: sessions are the layers, modules keep the order in which they are taught.
A line that follows from others (A → C where A → B → C) is left out.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from .model import Course, Module

BOX_WIDTH, BOX_HEIGHT = 148, 72  # all in SVG units, which are pixels at full size
GAP, ROW, MARGIN, LABEL = 16, 122, 12, 44
LINE_LENGTH = 21  # characters that fit in a box


@dataclass(frozen=True, slots=True)
class Box:
    module: Module
    x: int
    y: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    start: Module
    end: Module
    path: str  # SVG path data


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    box_width: int
    box_height: int
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    rows: tuple[tuple[str, int], ...]  # session label and the height at which it stands


def learning_path(course: Course) -> Drawing:
    """Lay out all modules of a course."""
    boxes = {}
    for row, session in enumerate(course.sessions):
        for column, module in enumerate(session.modules):
            x = LABEL + MARGIN + column * (BOX_WIDTH + GAP)
            boxes[module.name] = Box(module, x, MARGIN + row * ROW, _wrapped(module.title))
    widest = max((len(session.modules) for session in course.sessions), default=0)
    edges = tuple(
        Edge(boxes[name].module, box.module, _curve(boxes[name], box))
        for box in boxes.values()
        for name in _direct(course, box.module)
        if name in boxes
    )
    rows = tuple((session.label, MARGIN + row * ROW) for row, session in enumerate(course.sessions))
    width = LABEL + 2 * MARGIN + widest * (BOX_WIDTH + GAP) - GAP
    height = len(rows) * ROW + MARGIN
    return Drawing(width, height, BOX_WIDTH, BOX_HEIGHT, tuple(boxes.values()), edges, rows)


def _direct(course: Course, module: Module) -> list[str]:
    """The prerequisites that no other prerequisite brings along."""
    brought = {name: needs(course, name) for name in module.requires if name != module.name}
    return [name for name in brought if not any(name in others for others in brought.values())]


def needs(course: Course, name: str) -> set[str]:
    """Everything that a module requires, transitively; itself only where there is a cycle."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        module = course.module_by_name.get(waiting.pop())
        new = set(module.requires) - found if module else set()
        found |= new
        waiting += new
    return found


def _wrapped(title: str) -> tuple[str, ...]:
    return tuple(textwrap.wrap(title, LINE_LENGTH, max_lines=3, placeholder=" …"))


def _curve(start: Box, end: Box) -> str:
    """From below one box to above another; within a row, from side to side, around the boxes between."""
    if start.y == end.y:
        if end.x - start.x == BOX_WIDTH + GAP:
            middle = start.y + BOX_HEIGHT // 2
            return f"M{start.x + BOX_WIDTH} {middle}H{end.x}"
        low = start.y + BOX_HEIGHT
        x1, x2 = start.x + BOX_WIDTH * 3 // 4, end.x + BOX_WIDTH // 4
        return f"M{x1} {low}C{x1} {low + 30} {x2} {low + 30} {x2} {low}"
    x1, y1 = start.x + BOX_WIDTH // 2, start.y + BOX_HEIGHT
    x2, y2 = end.x + BOX_WIDTH // 2, end.y
    bend = (y2 - y1) // 2 if y2 > y1 else 40
    return f"M{x1} {y1}C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}"
