"""What a next edit is looked for with."""

from collections.abc import Callable, Sequence

import msgspec

from interfix.context.name_visibility import NameVisibility
from interfix.next_edit.edit_log import Edit
from interfix.syntax.document import Snapshot


class EditorDiagnostic(msgspec.Struct, frozen=True):
    """Something that a server told the editor about the document."""

    start: int
    """Byte offset at which it begins."""
    end: int
    """Byte offset behind its end."""
    message: str
    """In words."""
    source: str = ""
    """Who says so."""
    code: str = ""
    """Its kind, as the source names it."""


class EditContext(msgspec.Struct, frozen=True):
    """One request: the document as it is, where the user is, and what was edited."""

    snapshot: Snapshot
    """The document."""
    offset: int
    """Byte offset of the cursor."""
    edits: Sequence[Edit]
    """What was edited lately, oldest first, in this and other documents."""
    explicit: bool = False
    """The user asked."""
    diagnostics: Sequence[EditorDiagnostic] = ()
    """Of the document, as the editor knows them."""
    find_others: Callable[[str], Sequence[Snapshot]] | None = None
    """The other files of the workspace that may use a name, those that are open first; None: edits are offered in this one only."""
    find_visibility: Callable[[Snapshot, Snapshot], NameVisibility | None] | None = None
    """How a file can use what another one of the workspace defines; None: only imports by name are followed."""
    opened: Sequence[Snapshot] = ()
    """The other documents of the workspace folder that are open."""
