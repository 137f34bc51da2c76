"""What the objects near the cursor are: the types whose members somebody who types there may want. Knows words, no tree.

Declarations look alike in most languages: a type behind a colon or before the name, or a call on the right of an equals sign.
What is no type costs nothing, since only names that something defines are shown. Chains such as `self.config.store` are followed
from file to file by what the index knows of each type.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial

NEAR_LINES = 12
"""Objects are looked for in so many lines before the cursor."""
MOST_OBJECTS = 8
"""Objects that are followed, the nearest first."""
MOST_LINKS = 4
"""Longer chains are not followed."""
MOST_TYPES = 4
"""Types of one object."""
AT_CURSOR = 2.0
"""What the type of the object right before the cursor counts, beside names, of which the nearest counts 1."""
DECLARED_BYTES = 60_000
"""A declaration is looked for in so much text before the cursor."""
DECLARATION_CHARACTERS = 120
"""So much of the line before and behind a name may say what it is."""
INHERITED = 1.5
"""What the types count from which it inherits."""
GENERATIONS = 3
"""So far up they are followed."""

_LINK = r"(?:\?\.|\.|->|::)"
_CHAIN = re.compile(rf"(?<![\w.])((?:[A-Za-z_$@]\w*{_LINK})+)(\w*)")
_SPLIT = re.compile(_LINK)
_NAME = re.compile(r"[^\W\d]\w*")
_CALLED = re.compile(r"(?:(?:await|new|try)\s+|[&*])*((?:\w+(?:\?\.|\.|->|::))*\w+)(?:<[\w\s,<>]*>)?(\s*[({])?")
_ANNOTATED = re.compile(r"\??\s*:(?![:=])[ \t]*([^=]+)")
_MADE = re.compile(r"\s*:?=(?!=)\s*(.+)")
_TYPED = re.compile(r"(?<!\w)([A-Za-z_]\w*)(?:<[^<>]*>|\[\])?[ \t*&]+(?:const\s+)?$")
_ENDED = re.compile(r"\s*(?:[,;)]|=(?!=))")
_BEHIND = re.compile(r"[ \t]+[*\[\]]*(?:\w+\.)?([A-Z]\w*)(?=\s*[,)`{]|$)")
_RETURNED = re.compile(r"(?:->|\)\s*:)\s*([^:{\n]+)|^func\b.*\)\s*\(?\s*([*\w., ]+)\)?\s*\{?\s*$", re.MULTILINE)
_INHERITED = re.compile(
    r"\b(?:class|interface|struct|trait)\s+\w+\s*(?:\[[^\]]*\]|<[^>]*>)?\s*(?:\(|:|extends\b|implements\b|<)([^{\n]*)"
)
_OWN = ("self", "this", "cls", "Self", "@", "super")
_KEYWORDS = """return await in is not and or const new async def class import from as for if else elif while yield let var val mut
pub static final public private protected readonly export type struct func function fn None null undefined True False true false"""
_NO_TYPES = frozenset(_KEYWORDS.split())

Declared = Callable[[str], Sequence[str]]
"""What a file says that a name is."""
Skeletons = Callable[[str], Sequence[str]]
"""What is known of the definitions of a name: the signature, of a type also its fields and its methods' signatures."""


def types_near(before: str, own: Sequence[str], skeletons: Skeletons) -> dict[str, float]:
    """Names of types, by how much they count. `before` is the text up to the cursor, as far as declarations are looked for; `own`
    the headers of the types around it.
    """
    said, skeletons = cache(partial(declared, before)), cache(skeletons)
    found: dict[str, float] = {}
    for chain, weight in _objects(before):
        for name in _followed(chain, said, own, skeletons):
            found[name] = max(found.get(name, 0.0), weight)
            if weight == AT_CURSOR:
                for base in _inherited(name, skeletons):
                    found[base] = max(found.get(base, 0.0), INHERITED)
    return found


def object_at(before: str) -> str:
    """The object whose member the cursor is at, as it is written; empty where there is none."""
    line = before.rsplit("\n", 1)[-1]
    return next((match[1] for match in _CHAIN.finditer(line) if match.end() == len(line)), "")


def declared(text: str, name: str) -> list[str]:
    """What a text says that a name is, the latest first: types, or what is called or copied to make it."""
    found: dict[str, None] = {}
    for place in reversed([match.span() for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)]):
        found |= dict.fromkeys(each for each in _said(text, *place) if each != name and each not in _NO_TYPES)
        if len(found) >= MOST_TYPES:
            break
    return list(found)[:MOST_TYPES]


def _said(text: str, start: int, end: int) -> list[str]:
    """What is said of a name where it stands."""
    right = text[end : end + DECLARATION_CHARACTERS].split("\n", 1)[0]
    if annotated := _ANNOTATED.match(right):
        return _types(annotated[1])
    left = text[max(0, start - DECLARATION_CHARACTERS) : start].rsplit("\n", 1)[-1]
    if (typed := _TYPED.search(left)) and typed[1] not in _NO_TYPES and _ENDED.match(right):
        return [typed[1]]
    if made := _MADE.match(right):
        called = _CALLED.match(made[1])
        return [_maker(called[1]) if called[2] else called[1]] if called else []
    behind = _BEHIND.match(right)
    return [behind[1]] if behind else []


def _types(annotation: str) -> list[str]:
    """The names of an annotation, up to where the next parameter begins."""
    depth, end = 0, len(annotation)
    for place, character in enumerate(annotation):
        depth += (character in "[(<{") - (character in "])>}")
        if depth < 0 or (depth == 0 and character in ",;{"):
            end = place
            break
    return [name for name in _NAME.findall(annotation[:end]) if len(name) > 2]


def _maker(called: str) -> str:
    """The type in the name of what is called, `Type.create` or `pkg.Type`, else the function."""
    parts = _SPLIT.split(called)
    return next((part for part in reversed(parts) if part[:1].isupper()), parts[-1])


def _objects(before: str) -> Iterator[tuple[tuple[str, ...], float]]:
    """The chains of names whose member is named near the cursor, each once, the nearest first; and what they count."""
    seen: set[tuple[str, ...]] = set()
    near = object_at(before)
    for distance, line in enumerate(reversed(before.split("\n")[-NEAR_LINES:])):
        for match in reversed(list(_CHAIN.finditer(line))):
            chain = tuple(part for part in _SPLIT.split(match[1]) if part)
            if chain in seen or len(chain) > MOST_LINKS:
                continue
            seen.add(chain)
            yield chain, AT_CURSOR if match[1] == near else 1 / (1 + distance / 10)
            if len(seen) == MOST_OBJECTS:
                return


def _followed(chain: Sequence[str], said: Declared, own: Sequence[str], skeletons: Skeletons, depth: int = 0) -> list[str]:
    """The types of what a chain of names leads to; `said` tells what this file says of a name."""
    if depth > MOST_LINKS:
        return []
    first, *rest = chain
    if first in _OWN and not rest:
        return _bases(own)
    if first in _OWN:
        named, rest = said(rest[0]), rest[1:]
    else:
        named = [first] if first[:1].isupper() else said(first)
    types: list[str] = []
    for name in named:
        further = tuple(_SPLIT.split(name))
        types += _followed(further, said, own, skeletons, depth + 1) if len(further) > 1 else _type(name, skeletons)
    for part in rest:
        members = dict.fromkeys(each for name in types for skeleton in skeletons(name) for each in declared(skeleton, part))
        types = [each for name in members if not _SPLIT.search(name) for each in _type(name, skeletons)]
    return list(dict.fromkeys(types))[:MOST_TYPES]


def _type(name: str, skeletons: Skeletons) -> list[str]:
    """A type as it is; of a function what it returns."""
    if name[:1].isupper():
        return [name]
    returned = [said for skeleton in skeletons(name) for said in _RETURNED.findall(skeleton)[:1]]
    return [each for said in returned for each in _types(said[0] or said[1])] or [name]


def _inherited(name: str, skeletons: Skeletons) -> list[str]:
    """The types from which a type inherits, the nearest first."""
    found: dict[str, None] = {}
    newest = [name]
    for _ in range(GENERATIONS):
        newest = [base for each in newest for base in _bases(skeletons(each)) if base not in found][:MOST_TYPES]
        found |= dict.fromkeys(newest)
    return list(found)


def _bases(skeletons: Sequence[str]) -> list[str]:
    """What types inherit from, by their headers."""
    return [name for text in skeletons for said in _INHERITED.findall(text)[:1] for name in _types(f"({said}")]
