"""What finds next edits: one rule a file, each a function of the request that returns proposals."""

from collections.abc import Callable, Iterable, Mapping

from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.finders import rename
from interfix.next_edit.next_edit import Proposal

Finder = Callable[[EditContext], Iterable[Proposal]]

FINDERS: Mapping[str, Finder] = {"rename": rename.find}
"""By name, in the order in which they are asked."""
