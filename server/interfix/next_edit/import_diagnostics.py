"""What diagnostics of any server say about imports: names that nothing uses, names that nothing defines."""

import re
from collections.abc import Iterator, Sequence

from interfix.next_edit.edit_context import EditContext, EditorDiagnostic

_UNUSED = re.compile(
    r"unused import|import(?:ed)?\b.*\b(?:unused|not used|never used)|unused\b.*\bimport"
    r"|(?:is|are) (?:not accessed|never (?:used|read))|(?:is|are) declared but|is defined but never used|(?:imports|using) .*unused"
    r"|unnecessary using|never used",
    re.IGNORECASE,
)
_UNUSED_CODES = frozenset(["F401", "W0611", "unused-import", "unused_imports", "UnusedImport", "CS8019", "IDE0005", "6133", "6192"])
_UNDEFINED = re.compile(
    r"undefined(?: name| variable|:)|is not defined|cannot find (?:name|value|type|function|struct|macro|symbol|trait)"
    r"|unresolved (?:reference|name)|undeclared (?:identifier|name|type)|use of undeclared|could not be found|cannot be resolved"
    r"|failed to resolve",
    re.IGNORECASE,
)
_UNDEFINED_CODES = frozenset(
    ["F821", "E0602", "undefined-variable", "reportUndefinedVariable", "UndeclaredName", "2304", "E0425", "E0433"]
)
_NAME = re.compile(r"[^\W\d]\w*")


def list_unused_places(context: EditContext) -> list[tuple[int, int]]:
    """The bytes of what a server calls unused."""
    diagnostics = [each for each in context.diagnostics if each.code in _UNUSED_CODES or _UNUSED.search(each.message)]
    return [(each.start, each.end) for each in diagnostics]


def list_undefined_names(context: EditContext) -> Sequence[tuple[str, int]]:
    """The names that a server calls undefined, and where they stand; those of the diagnostics nearest to the cursor first."""
    diagnostics = [each for each in context.diagnostics if each.code in _UNDEFINED_CODES or _UNDEFINED.search(each.message)]
    names = ((name, each.start) for each in diagnostics if (name := _find_name(context, each)))
    first: dict[str, int] = {}
    for name, start in names:
        first.setdefault(name, start)
    return [*first.items()]


def _find_name(context: EditContext, diagnostic: EditorDiagnostic) -> str:
    """The name a diagnostic stands at, which its message must say."""
    text = context.snapshot.data[diagnostic.start : diagnostic.end].decode("utf-8", "replace")
    return text if _NAME.fullmatch(text) and text in _list_words(diagnostic.message) else ""


def _list_words(text: str) -> Iterator[str]:
    return (match[0] for match in _NAME.finditer(text))
