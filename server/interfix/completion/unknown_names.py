"""Names of a suggestion that are not known: file, workspace and language servers lack them, or the object whose members they are is
known and has others.
"""

import re
from collections.abc import Callable
from pathlib import Path

from interfix.completion.hole import InfillHole
from interfix.completion.raw_completion import RawCompletion
from interfix.completion.unlikely_members import (
    ASSIGNED,
    NameDoubts,
    find_unlikely_members,
    list_document_words,
    read_guided_members,
)
from interfix.context.names.language_builtins import list_common_names, list_language_members
from interfix.context.names.name_search import KnownNames, NameSearch
from interfix.guided_decoding_names import NameGuide

_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|(?:#|//)[^\n]*")
_CALL = re.compile(r"(?<![\w.$@>:])([^\W\d]\w*)\(")
_DEFINED = re.compile(r"\b(?:def|class|function|const|let|var|as|for|lambda)\s+(\w+)|\b(\w+)\s*(?:,|=(?!=)|:=)")


def find_name_doubts(
    hole: InfillHole, completion: RawCompletion, text: str, known_names: KnownNames, names: NameSearch | None, root: Path | None
) -> NameDoubts:
    """What may not exist of what a suggestion's text names; nothing where nobody looks for names. Reads the workspace's index."""
    if names is None or not text:
        return NameDoubts()
    unknown = find_unknown_names(
        hole, text, known_names, lambda: names.list_member_names(root), lambda name: names.is_defined(name, root)
    )
    return NameDoubts(unknown, find_unlikely_members(hole, completion, text, known_names))


def find_unknown_names(
    hole: InfillHole, text: str, known_names: KnownNames, list_member_names: Callable[[], str], is_defined: Callable[[str], bool]
) -> tuple[str, ...]:
    """The functions that a suggestion calls and the members of its own object that it names, as far as nothing has them, and the
    members of other objects that are known to have others.

    `list_member_names` has the members of anything in the workspace, one a line; `is_defined` tells of a name whether the workspace
    defines it. What other libraries have is not known, so functions of other objects are not judged.
    """
    foreign = _find_foreign_members(known_names.guide, text) if known_names.guide is not None else ()
    return tuple(dict.fromkeys((*_find_missing_names(hole, text, known_names, list_member_names, is_defined), *foreign)))


def _find_foreign_members(guide: NameGuide, text: str) -> tuple[str, ...]:
    """The members that a text names behind a cursor of objects which are not known to have them, though it may be so.

    Of 32 such names that Qwen2.5-Coder 0.5B wrote in Python and TypeScript people had written 11; of others two thirds.
    """
    return tuple(
        dict.fromkeys(
            name
            for end, name, is_foreign in read_guided_members(guide, text)
            if is_foreign and not name.startswith("__") and not ASSIGNED.match(text[end:])
        )
    )


def _find_missing_names(
    hole: InfillHole, text: str, known_names: KnownNames, list_member_names: Callable[[], str], is_defined: Callable[[str], bool]
) -> tuple[str, ...]:
    """What nothing has, of the functions and of the members of its own object."""
    language = hole.snapshot.language
    if language is None or not language.receivers or not list_common_names(language.id) or hole.is_prose:
        return ()
    code = _STRING.sub("''", text)
    receivers = "|".join(map(re.escape, language.receivers))
    own = re.compile(rf"(?<![\w.])(?:{receivers})(?:\?\.|\.)#?(\w+)(?![\w ]*=(?!=))")
    line = hole.line_prefix[-200:]
    members = [match[1] for match in own.finditer(line + code) if match.end() > len(line)]
    here = list_document_words(hole) | {name for pair in _DEFINED.findall(code) for name in pair}
    offered = {name for each in known_names.guide.types.values() for name in each.names} if known_names.guide is not None else set()
    names = [name for name in dict.fromkeys([*members, *_CALL.findall(code)]) if name not in here | offered]
    candidates = [name for name in names if not _is_common(name, language.id)]
    if not candidates or "import *" in hole.prefix + hole.other_cells:
        return ()
    elsewhere = set(list_member_names().split("\n"))
    # Without an index nothing is known of other files.
    return tuple(name for name in candidates if name not in elsewhere and not is_defined(name)) if len(elsewhere) > 1 else ()


def _is_common(name: str, language: str) -> bool:
    """Whether the language itself has it."""
    return name in list_common_names(language) or name in list_language_members(language)
