"""A heading was changed: the links to it in the document, and their texts where those were the heading's."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.edit_log import widen_to_lines
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.name_changes import list_edits
from interfix.next_edit.next_edit_types import Replacement

_FILES = ("*.md", "*.markdown", "*.mdx", "*.mkd")
_HEADING = re.compile(r"#{1,6}[ \t]+(?P<text>\S.*?)[ \t]*#*\s*")


def find(search: EditSearch) -> list[Candidate]:
    """The links to headings that the newest edits changed, if no other one is called like that."""
    name = PurePosixPath(search.context.snapshot.path).name
    if not any(fnmatchcase(name.lower(), each) for each in _FILES):
        return []
    headings = {make_slug(match["text"]) for line in search.table.lines if (match := _HEADING.fullmatch(line))}
    candidates: list[Candidate] = []
    for edit in list_edits(search.context):
        lines = widen_to_lines(search.context.snapshot.data, edit)
        old, new = (_HEADING.fullmatch(text.decode("utf-8", "replace")) for text in (lines.old, lines.new))
        if old and new and make_slug(old["text"]) not in headings:
            candidates += _list_links(search, old["text"], new["text"], edit.number)
    return candidates


def _list_links(search: EditSearch, old: str, new: str, number: int) -> Iterator[Candidate]:
    table = search.table
    pattern = re.compile(
        rf"(?:\[(?P<text>{re.escape(old)})\])?(?:\]?\(|\]:\s*|\]?\(\S*?/?)#(?P<slug>{re.escape(make_slug(old))})(?=[)\s]|$)"
    )
    for line in table.find_lines("#" + make_slug(old)):
        for match in pattern.finditer(table.lines[line]):
            texts = {"text": new, "slug": make_slug(new)}
            replacements = tuple(
                Replacement(table.find_byte(line, match.start(group)), table.find_byte(line, match.end(group)), text.encode())
                for group, text in texts.items()
                if match[group] is not None
            )
            yield Candidate("heading_link", "heading_link", line, line + 1, replacements, {}, f"{old} → {new}", number)


def make_slug(heading: str) -> str:
    """What a link to a heading names it, as GitHub and most others make it: small letters, hyphens for white space."""
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
