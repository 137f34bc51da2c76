"""Which names exist where: what a decoder may be given so that it writes none that do not.

The monitor of "Monitor-Guided Decoding of Code LMs with Static Analysis of Repository Context" (Agrawal et al., NeurIPS 2023), as a
table: the engine is another process, and asking back at every member would make each token wait for it.
"""

import math

import msgspec


class KnownType(msgspec.Struct, frozen=True):
    """What an object has."""

    names: tuple[str, ...]
    """Its members."""
    member_types: dict[str, str] = {}
    """The types of members, as keys of `NameGuide.types`: under `name` that of the member's value, under `name()` that of what it
    returns."""
    other_cost: float = math.inf
    """What any other name has to be likelier by (natural logarithm of the ratio); infinite: it is refused."""


class NameGuide(msgspec.Struct, frozen=True):
    """The names that may be written behind a cursor, as far as they are known. Where nothing is known, every name may."""

    line: str = ""
    """The cursor's line up to the cursor, at least from where the expression at the cursor begins."""
    cursor_type: str = ""
    """The object whose member the cursor is at, or what else has the names that may stand there, as a key of `types`; empty: it is
    at none, or at one of an unknown object."""
    cursor_starts: str = ""
    """What may stand at the cursor in a name's place where it is behind no link, such as the `*` of an import; white space, too."""
    repeats: bool = False
    """Behind each comma the same type's names stand again, as in a list of imports."""
    roots: dict[str, str] = {}
    """The types of the names in scope, as keys of `types`: under `name` that of its value, under `name()` that of what it
    returns, under `name::` the type of that name, whose members are written so."""
    types: dict[str, KnownType] = {}
    """What is known of types, by a key of the client's choice."""
    elsewhere: tuple[str, ...] = ()
    """Lists of names, one a line, that are members of something in the workspace, though nothing says that of these objects."""
    elsewhere_cost: float = math.inf
    """What a name of `elsewhere` has to be likelier by than one of the type's own (natural logarithm of the ratio)."""
    uses: str = ""
    """What the document names of objects elsewhere, a line each: the last part of the object, such as `self` or `get()`, then the
    members."""
    other_use_cost: float = 0.0
    """What any member must be likelier by than one that `uses` has of an object that ends so (natural logarithm of the ratio)."""
    new_name_cost: float = math.inf
    """The same of any other name where a statement that begins with `definers` may be about to define it."""
    definers: tuple[str, ...] = ()
    """Objects that get members by assignment, as they are written: Python's `self`."""
    links: tuple[str, ...] = (".",)
    """What stands between an object and its member."""
    free_starts: str = ""
    """What may stand behind a link in a name's place besides what every language has there: the bracket of Go's `x.(T)`,
    the `#` of JavaScript's `x.#y`."""
    line_comment: str = ""
    """What begins a comment to the end of the line; nothing in one is guided, nor in a string."""
    block_comment: tuple[str, ...] = ()
    """What begins and what ends a comment of several lines; empty: there are none."""
