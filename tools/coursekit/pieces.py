"""The derived pieces that a page may ask for by `<!-- course: NAME -->`."""

from collections.abc import Mapping

PIECES: Mapping[str, str] = {
    "facts": "The course at a glance: credit points, hours, dates and edition.",
    "sessions": "A card for each session.",
    "overview": "The table of all modules.",
    "path": "The learning path: which module builds on which.",
    "timeplan": "The days of the edition with their sessions and project days.",
    "deadlines": "The deadlines of the edition.",
    "examination": "Date, room and kind of the examination.",
    "summary": "The key points of all modules.",
    "continue": "Where the student left off, or the first session before she has begun.",
    "progress": "What the student has done, session by session, with export, import and clearing.",
    "downloads": "The course to take along: on paper, as a folder, as Markdown, and the files of the exercises.",
    "contact": "Who is responsible, and where to write.",
    "verified": "When the code of each page was last run, and with which tools.",
    "rules": "The reference of all rules of the checker.",
    "commands": "The help of every command.",
}
