"""What an index stores of a file, and the records it returns."""

import msgspec

from interfix.context.skeletons import CodeStructure
from interfix.context.skeletons.definition import Definition
from interfix.masking import SecretSpan


class Passage(msgspec.Struct, frozen=True):
    """Some lines of a file."""

    path: str
    """The file, relative to the workspace, with forward slashes."""
    line: int
    """Zero-based line on which they begin."""
    text: str
    """The lines. Secrets are masked."""
    score: float = 0.0
    """How similar they are to what was asked for (BM25); more is better, and only answers to one question compare."""


class FileStamp(msgspec.Struct, frozen=True):
    """By what a file is known to be the same."""

    size_bytes: int
    """Bytes."""
    modified_ns: int
    """Time of its last change, ns."""
    digest: bytes = b""
    """Hash of its bytes; empty where they were not read."""


class FileRecord(msgspec.Struct, frozen=True):
    """All that is kept of one file."""

    path: str
    """Relative to the workspace, with forward slashes."""
    stamp: FileStamp
    """The file as it was read."""
    skeleton: str = ""
    """What it offers."""
    definitions: tuple[Definition, ...] = ()
    """What it defines."""
    passages: tuple[Passage, ...] = ()
    """Its text in pieces."""
    secrets: tuple[SecretSpan, ...] | None = None
    """Where its secrets are, characters of its text; None where nobody has looked."""
    structure: CodeStructure | None = None
    """What its tree tells of its definitions; None where nobody has looked."""
    member_names: frozenset[str] = frozenset()
    """The names that it has behind a link, whatever object they are members of."""
