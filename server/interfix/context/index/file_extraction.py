"""From a file's bytes to what the index keeps of it: masked, outlined, cut into passages."""

import re
from pathlib import PurePosixPath

from interfix.context.index.records import FileRecord, FileStamp, Passage
from interfix.context.skeletons import outline_file, read_structure
from interfix.masking import blank_out_spans, find_secrets
from interfix.syntax.document import Document

MIN_LINES = 12
"""A passage ends at a seam behind so many lines, if there is one."""
MAX_LINES = 32
"""A passage is no longer."""
_MEMBER = re.compile(r"(?:(?<![.\d])\.|->|::)\s*#?([A-Za-z_$][\w$]{0,79})")


def extract_record(path: str, data: bytes, stamp: FileStamp, language_id: str = "") -> FileRecord:
    """All that is kept of the file at a relative path. Secrets are masked first: none gets into the database.

    `language_id` tells its language where its name does not.
    """
    text = data.decode("utf-8", "replace")
    secrets = tuple(find_secrets(text))
    text = blank_out_spans(text, secrets)
    snapshot = Document(PurePosixPath("/", path).as_uri(), text, language_id=language_id).snapshot()
    skeleton, definitions = outline_file(snapshot, path)
    return FileRecord(
        path, stamp, skeleton, definitions, split_passages(path, text), secrets, read_structure(snapshot), find_member_names(text)
    )


def find_member_names(text: str) -> frozenset[str]:
    """The names that stand behind a link somewhere in a text, be it in a string: what may be a member of something."""
    return frozenset(_MEMBER.findall(text))


def split_passages(path: str, text: str) -> tuple[Passage, ...]:
    """The text in pieces that begin, where they can, with the least indented line behind a blank one."""
    lines = text.splitlines(keepends=True)
    passages = []
    first = 0
    while first < len(lines):
        last = _find_seam(lines, first)
        piece = "".join(lines[first:last])
        if piece.strip():
            passages.append(Passage(path, first, piece))
        first = last
    return tuple(passages)


def _find_seam(lines: list[str], first: int) -> int:
    """The line before which a passage that begins at `first` ends."""
    if len(lines) - first <= MAX_LINES:
        return len(lines)
    seams = [at for at in range(first + MIN_LINES, first + MAX_LINES + 1) if lines[at].strip() and not lines[at - 1].strip()]
    return min(seams, key=lambda at: (len(lines[at]) - len(lines[at].lstrip()), -at), default=first + MAX_LINES)
