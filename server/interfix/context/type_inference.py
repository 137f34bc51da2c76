"""Infers the types of the objects near the cursor, whose members the user may need next.

Declarations look alike in most languages: a type behind a colon or before the name, or a call on the right of an equals sign.
What is no type costs nothing, since only names that something defines are shown. Chains such as `self.config.store` are followed
from file to file by what the index knows of each type.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial

NEAR_LINES = 12
"""Objects are looked for in so many lines before the cursor."""
MAX_OBJECTS = 8
"""Objects that are followed, the nearest first."""
MAX_LINKS = 4
"""Longer chains are not followed."""
MAX_TYPES = 4
"""Types of one object."""
RECEIVER_WEIGHT = 2.0
"""What the type of the object right before the cursor counts, beside names, of which the nearest counts 1."""
DECLARATION_BYTES = 60_000
"""A declaration is looked for in so much text before the cursor."""
DECLARATION_CHARACTERS = 120
"""So much of the line before and behind a name may say what it is."""
ANCESTOR_WEIGHT = 1.5
"""What the types count from which it inherits."""
MAX_GENERATIONS = 3
"""So far up they are followed."""

_LINK = r"(?:\?\.|\.|->|::)"
_CHAIN = re.compile(rf"(?<![\w.])((?:[A-Za-z_$@]\w*{_LINK})+)(\w*)")
_SPLIT = re.compile(_LINK)
_NAME = re.compile(r"[^\W\d]\w*")
_CALL = re.compile(r"(?:(?:await|new|try)\s+|[&*])*((?:\w+(?:\?\.|\.|->|::))*\w+)(?:<[\w\s,<>]*>)?(\s*[({])?")
_ANNOTATION = re.compile(r"\??\s*:(?![:=])[ \t]*([^=]+)")
_ASSIGNMENT = re.compile(r"\s*:?=(?!=)\s*(.+)")
_TYPE_BEFORE_NAME = re.compile(r"(?<!\w)([A-Za-z_]\w*)(?:<[^<>]*>|\[\])?[ \t*&]+(?:const\s+)?$")
_DECLARATION_END = re.compile(r"\s*(?:[,;)]|=(?!=))")
_TYPE_AFTER_NAME = re.compile(r"[ \t]+[*\[\]]*(?:\w+\.)?([A-Z]\w*)(?=\s*[,)`{]|$)")
_RETURN_TYPE = re.compile(r"(?:->|\)\s*:)\s*([^:{\n]+)|^func\b.*\)\s*\(?\s*([*\w., ]+)\)?\s*\{?\s*$", re.MULTILINE)
_BASE_LIST = re.compile(
    r"\b(?:class|interface|struct|trait)\s+\w+\s*(?:\[[^\]]*\]|<[^>]*>)?\s*(?:\(|:|extends\b|implements\b|<)([^{\n]*)"
)
_SELF_NAMES = ("self", "this", "cls", "Self", "@", "super")
_KEYWORDS = """return await in is not and or const new async def class import from as for if else elif while yield let var val mut
pub static final public private protected readonly export type struct func function fn None null undefined True False true false"""
_NON_TYPES = frozenset(_KEYWORDS.split())

DeclarationLookup = Callable[[str], Sequence[str]]
"""What a file says that a name is."""
SkeletonLookup = Callable[[str], Sequence[str]]
"""What is known of the definitions of a name: the signature, of a type also its fields and its methods' signatures."""


def infer_types(text_before: str, headers: Sequence[str], skeletons: SkeletonLookup) -> dict[str, float]:
    """Names of types, by how much they count. `text_before` is the text up to the cursor, as far as declarations are looked for;
    `headers` are those of the types around it."""
    declarations, skeletons = cache(partial(find_declarations, text_before)), cache(skeletons)
    types: dict[str, float] = {}
    for chain, weight in _member_chains(text_before):
        for name in _follow_chain(chain, declarations, headers, skeletons):
            types[name] = max(types.get(name, 0.0), weight)
            if weight == RECEIVER_WEIGHT:
                for base in _find_ancestors(name, skeletons):
                    types[base] = max(types.get(base, 0.0), ANCESTOR_WEIGHT)
    return types


def find_receiver(text_before: str) -> str:
    """The object whose member the cursor is at, as it is written; empty where there is none."""
    line = text_before.rsplit("\n", 1)[-1]
    return next((match[1] for match in _CHAIN.finditer(line) if match.end() == len(line)), "")


def find_declarations(text: str, name: str) -> list[str]:
    """What a text says that a name is, the latest first: types, or what is called or copied to make it."""
    declared: dict[str, None] = {}
    for span in reversed([match.span() for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)]):
        declared |= dict.fromkeys(each for each in _read_declaration(text, *span) if each != name and each not in _NON_TYPES)
        if len(declared) >= MAX_TYPES:
            break
    return list(declared)[:MAX_TYPES]


def _read_declaration(text: str, start: int, end: int) -> list[str]:
    """What is said of a name where it stands."""
    right = text[end : end + DECLARATION_CHARACTERS].split("\n", 1)[0]
    if annotated := _ANNOTATION.match(right):
        return _parse_type_names(annotated[1])
    left = text[max(0, start - DECLARATION_CHARACTERS) : start].rsplit("\n", 1)[-1]
    if (typed := _TYPE_BEFORE_NAME.search(left)) and typed[1] not in _NON_TYPES and _DECLARATION_END.match(right):
        return [typed[1]]
    if made := _ASSIGNMENT.match(right):
        called = _CALL.match(made[1])
        return [_constructed_type(called[1]) if called[2] else called[1]] if called else []
    behind = _TYPE_AFTER_NAME.match(right)
    return [behind[1]] if behind else []


def _parse_type_names(annotation: str) -> list[str]:
    """The names of an annotation, up to where the next parameter begins."""
    depth, end = 0, len(annotation)
    for index, character in enumerate(annotation):
        depth += (character in "[(<{") - (character in "])>}")
        if depth < 0 or (depth == 0 and character in ",;{"):
            end = index
            break
    return [name for name in _NAME.findall(annotation[:end]) if len(name) > 2]


def _constructed_type(callee: str) -> str:
    """The type in the name of what is called, `Type.create` or `pkg.Type`, else the function."""
    parts = _SPLIT.split(callee)
    return next((part for part in reversed(parts) if part[:1].isupper()), parts[-1])


def _member_chains(text_before: str) -> Iterator[tuple[tuple[str, ...], float]]:
    """The chains of names whose member is named near the cursor, each once, the nearest first; and what they count."""
    seen: set[tuple[str, ...]] = set()
    near = find_receiver(text_before)
    for distance, line in enumerate(reversed(text_before.split("\n")[-NEAR_LINES:])):
        for match in reversed(list(_CHAIN.finditer(line))):
            chain = tuple(part for part in _SPLIT.split(match[1]) if part)
            if chain in seen or len(chain) > MAX_LINKS:
                continue
            seen.add(chain)
            yield chain, RECEIVER_WEIGHT if match[1] == near else 1 / (1 + distance / 10)
            if len(seen) == MAX_OBJECTS:
                return


def _follow_chain(
    chain: Sequence[str], look_up: DeclarationLookup, headers: Sequence[str], skeletons: SkeletonLookup, depth: int = 0
) -> list[str]:
    """The types of what a chain of names leads to; `look_up` tells what this file says of a name."""
    if depth > MAX_LINKS:
        return []
    first, *rest = chain
    if first in _SELF_NAMES and not rest:
        return _find_base_types(headers)
    if first in _SELF_NAMES:
        type_names, rest = look_up(rest[0]), rest[1:]
    else:
        type_names = [first] if first[:1].isupper() else look_up(first)
    types: list[str] = []
    for name in type_names:
        further = tuple(_SPLIT.split(name))
        types += (
            _follow_chain(further, look_up, headers, skeletons, depth + 1) if len(further) > 1 else _resolve_type(name, skeletons)
        )
    for part in rest:
        members = dict.fromkeys(
            each for name in types for skeleton in skeletons(name) for each in find_declarations(skeleton, part)
        )
        types = [each for name in members if not _SPLIT.search(name) for each in _resolve_type(name, skeletons)]
    return list(dict.fromkeys(types))[:MAX_TYPES]


def _resolve_type(name: str, skeletons: SkeletonLookup) -> list[str]:
    """A type as it is; of a function what it returns."""
    if name[:1].isupper():
        return [name]
    returned = [annotation for skeleton in skeletons(name) for annotation in _RETURN_TYPE.findall(skeleton)[:1]]
    return [each for annotation in returned for each in _parse_type_names(annotation[0] or annotation[1])] or [name]


def _find_ancestors(name: str, skeletons: SkeletonLookup) -> list[str]:
    """The types from which a type inherits, the nearest first."""
    ancestors: dict[str, None] = {}
    newest = [name]
    for _ in range(MAX_GENERATIONS):
        newest = [base for each in newest for base in _find_base_types(skeletons(each)) if base not in ancestors][:MAX_TYPES]
        ancestors |= dict.fromkeys(newest)
    return list(ancestors)


def _find_base_types(skeletons: Sequence[str]) -> list[str]:
    """What types inherit from, by their headers."""
    return [name for text in skeletons for bases in _BASE_LIST.findall(text)[:1] for name in _parse_type_names(f"({bases}")]
