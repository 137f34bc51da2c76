"""Follows what is written behind a prompt byte by byte: where a member is named whose object is known, and which names may go on.

A vocabulary cuts names anywhere: a token may hold the end of an object's name, the link and the beginning of its member's, or the
end of a name and what follows it. So each token is judged by its bytes. The sorted names are the trie: a prefix is a bisection.
"""

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Self

import msgspec

from interfix.engine.member_chain import NAME_BYTES, parse_chain
from interfix.guided_decoding_names import KnownType, NameGuide

MAX_LINE_BYTES = 400
"""So much of a line is searched for the object of a member."""
_FREE_STARTS = {b"?.": b"([", b"::": b"<{*&", b"->": b"*"}
"""By link, what may stand in a name's place in every language that has the link: a call or an index behind `?.`, type arguments, a
list of names. What only some have is their `free_starts`. Behind the `#` of JavaScript's private names the object's names go on."""
_QUOTES = frozenset(b"\"'`")
_NO_CODE = re.compile(rb"\s*(?:import|from|use|package|module|namespace|using|require|#)\b")
"""Lines whose links join the parts of a path."""
_SPACE = frozenset(b" \t\r\n")


class NameList:
    """Names in their order, as bytes."""

    def __init__(self, names: Iterable[bytes]) -> None:
        self._names = sorted(set(names))

    def has_prefix(self, prefix: bytes) -> bool:
        """Whether a name begins so."""
        at = bisect_left(self._names, prefix)
        return at < len(self._names) and self._names[at].startswith(prefix)

    def has_name(self, name: bytes) -> bool:
        """Whether it is one of them."""
        at = bisect_left(self._names, name)
        return at < len(self._names) and self._names[at] == name

    def select(self, tier: "Tier") -> "NameList":
        """Those of them that a tier has."""
        return NameList(each for each in self._names if tier.has_name(each))


@lru_cache(16)
def compile_names(lines: str) -> NameList:
    """A list of names, one a line; kept, since thousands of them come again with each keystroke."""
    return NameList(filter(None, lines.encode().split(b"\n")))


@lru_cache(16)
def compile_uses(lines: str) -> dict[str, NameList]:
    """The names that are used of each object; kept like `compile_names`."""
    return {key: NameList(map(str.encode, names)) for key, *names in map(str.split, lines.splitlines())}


class Tier(msgspec.Struct, frozen=True):
    """Names that may stand at a place, and what each costs."""

    names: tuple[NameList, ...]
    """None at all: any name."""
    cost: float
    """Natural logarithm of how much likelier such a name must be than one of the first tier."""
    is_free: bool = False
    """What is no name may stand there, too."""

    def has_prefix(self, prefix: bytes) -> bool:
        return not self.names or any(each.has_prefix(prefix) for each in self.names)

    def has_name(self, name: bytes) -> bool:
        return not self.names or any(each.has_name(name) for each in self.names)


class TextState(msgspec.Struct, frozen=True):
    """How far a text has been read."""

    line: bytes = b""
    """The code of its last line."""
    string_end: bytes = b""
    """What ends the string or the comment that it is in; empty in code."""
    tiers: tuple[Tier, ...] = ()
    """The names that may stand here, the cheapest first; empty where none is known, or none stands."""
    tier: int = 0
    """The cheapest of them that has names which begin as this one."""
    name: bytes = b""
    """What is written of the name."""

    @property
    def is_open(self) -> bool:
        """A name has begun that is not one yet."""
        return bool(self.tiers and self.name) and not any(tier.has_name(self.name) for tier in self.tiers[self.tier :])


class GuidedText:
    """Reads on from a guide's line. What may follow is asked by `judge`, what does follow is told by `accept`."""

    def __init__(self, guide: NameGuide) -> None:
        self._guide = guide
        self._elsewhere = tuple(map(compile_names, guide.elsewhere))
        self._links = tuple(sorted((link.encode() for link in guide.links), key=len, reverse=True))
        self._link_ends = frozenset(link[-1] for link in self._links)
        self._has_private_names = "#" in guide.free_starts
        self._cursor_starts = guide.cursor_starts.encode() + b" \t\r\n"
        self._line_comment = guide.line_comment.encode()
        self._block_comment = tuple(each.encode() for each in guide.block_comment)
        self._cursor_chain: list[str] = []  # the object whose member the cursor is at
        self._tiers: dict[tuple[str, str, bool], tuple[Tier, ...]] = {}
        self._uses = compile_uses(guide.uses)
        self._used_tiers: dict[tuple[tuple[Tier, ...], str], tuple[Tier, ...]] = {}
        line = guide.line.encode()[-MAX_LINE_BYTES:]
        self.state = TextState(line=line)
        self.state = self._begin_at_cursor(line)

    def judge(self, piece: bytes) -> float:
        """What it costs to go on with these bytes, natural logarithm; infinite where they may not follow."""
        return self._read(self.state, piece)[1]

    def accept(self, piece: bytes) -> None:
        """These bytes follow, whatever they cost."""
        self.state = self._read(self.state, piece, stop=False)[0]

    def list_next_bytes(self) -> frozenset[int] | None:
        """The bytes with which what follows may begin; None: any may."""
        state = self.state
        if not state.tiers:
            return None
        return frozenset(byte for byte in range(256) if self._read(state, bytes((byte,)))[1] < math.inf)

    def _begin_at_cursor(self, line: bytes) -> TextState:
        """The state at a cursor in or before a name; the name may be one that nobody knows."""
        start = len(line)
        while start and line[start - 1] in NAME_BYTES:
            start -= 1
        object_end = line[:start].removesuffix(b"#") if self._has_private_names else line[:start]
        tiers = self._find_members(object_end, self._guide.cursor_type)
        state = TextState(line=line[:start], tiers=tiers)
        for byte in line[start:]:
            if not state.tiers:
                break
            state, cost = self._go_on(state, byte)
            if cost == math.inf:
                break
        return state if state.tiers else TextState(line=line)

    def _get_tiers(self, type_key: str, also: str = "", *, is_new: bool = False) -> tuple[Tier, ...]:
        """The tiers of a type; those of `also` are its own names, too, where two who know the object tell of it."""
        tiers = self._tiers.get((type_key, also, is_new))
        if tiers is None:
            known_type = self._guide.types[type_key]
            if also and also != type_key:
                known_type = msgspec.structs.replace(known_type, names=(*known_type.names, *self._guide.types[also].names))
            tiers = self._tiers[type_key, also, is_new] = tuple(self._build_tiers(known_type, is_new=is_new))
        return tiers

    def _build_tiers(self, known_type: KnownType, *, is_new: bool) -> Iterable[Tier]:
        elsewhere_cost = self._guide.elsewhere_cost
        other_cost = min(known_type.other_cost, self._guide.new_name_cost if is_new else math.inf)
        if elsewhere_cost < math.inf and elsewhere_cost <= other_cost:
            # What the language itself calls is there and seldom meant: where a model's own choice is refused, it is no way out.
            inner = NameList(name.encode() for name in known_type.names if name.startswith("__"))
            yield Tier((NameList(name.encode() for name in known_type.names if not name.startswith("__")),), 0.0)
            yield Tier((inner, *self._elsewhere), elsewhere_cost)
        else:
            yield Tier((NameList(name.encode() for name in known_type.names),), 0.0)
        if other_cost < math.inf:
            yield Tier((), other_cost)

    def _read(self, state: TextState, piece: bytes, *, stop: bool = True) -> tuple[TextState, float]:
        """The state behind some bytes, and what they cost; `stop`: as soon as they may not follow."""
        total = 0.0
        for byte in piece:
            if state.tiers:
                state, cost = self._go_on(state, byte)
                total += cost
                if stop and total == math.inf:
                    return state, total
            else:
                state = self._read_code(state, byte)
        return state, total

    def _go_on(self, state: TextState, byte: int) -> tuple[TextState, float]:
        """One byte where a name stands, or may."""
        if byte in NAME_BYTES:
            name, was = state.name + bytes((byte,)), state.tiers[state.tier].cost
            for index in range(state.tier, len(state.tiers)):
                if state.tiers[index].has_prefix(name):
                    after = TextState(state.line, b"", state.tiers, index, name)
                    return after, state.tiers[index].cost - was
            return self._leave(state, byte), math.inf
        if not state.name:
            allowed = state.tiers[-1].is_free or byte in self._find_free_starts(state.line)
            if allowed and byte in _SPACE:
                return state, 0.0
            if byte == ord("#") and self._has_private_names and not state.line.endswith(b"#"):
                return msgspec.structs.replace(state, line=state.line + b"#"), 0.0
            return self._leave(state, byte), 0.0 if allowed else math.inf
        was = state.tiers[state.tier].cost
        cost = next((tier.cost for tier in state.tiers[state.tier :] if tier.has_name(state.name)), math.inf)
        return self._leave(state, byte), cost - was

    def _find_free_starts(self, line: bytes) -> bytes:
        """What may stand in a name's place at the end of a line."""
        if self._has_private_names and line.endswith(b"#"):
            return b""  # the name itself
        link = next((each for each in self._links if line.endswith(each)), None)
        if link is None:
            return self._cursor_starts
        return _FREE_STARTS.get(link, b"") + self._guide.free_starts.encode()

    def _leave(self, state: TextState, byte: int) -> TextState:
        """A byte that ends a name, or goes another way."""
        line = state.line + state.name
        if byte == ord(",") and self._guide.repeats and state.name:
            return TextState(line + b",", tiers=self._get_tiers(self._guide.cursor_type))
        return self._read_code(TextState(line), byte)

    def _read_code(self, state: TextState, byte: int) -> TextState:
        """One byte where no name is known."""
        line = (state.line + bytes((byte,)))[-MAX_LINE_BYTES:]
        if state.string_end:
            return self._read_text(state, line, byte)
        if byte == ord("\n"):
            return TextState()
        if byte in _QUOTES:
            quote = bytes((byte,))
            return TextState(line, quote * 3 if line.endswith(quote * 3) else quote)
        if self._block_comment and line.endswith(self._block_comment[0]):
            return TextState(line, self._block_comment[-1])
        if self._line_comment and line.endswith(self._line_comment):
            return TextState(line, b"\n")
        if byte in self._link_ends and (tiers := self._find_members(line)):
            return TextState(line, tiers=tiers)
        return TextState(line)

    @staticmethod
    def _read_text(state: TextState, line: bytes, byte: int) -> TextState:
        """One byte in a string or a comment. A quoted string of one line ends with it, so that an apostrophe ends nothing else."""
        end = state.string_end
        is_quote = len(end) == 1 and end != b"`" and end != b"\n"
        if byte == ord("\n") and (is_quote or end == b"\n"):
            return TextState()
        if line.endswith(end) and not (is_quote and line.endswith(b"\\" + end)):
            return TextState(line)
        return TextState(b"" if byte == ord("\n") else line, end)

    def _find_members(self, line: bytes, known_key: str = "") -> tuple[Tier, ...]:
        """The names of the members of the object that a line ends with, its link last; none where it is not known.

        Of an object that a client knows by other means the key of the type is told.
        """
        types = self._guide.types
        link = next((each for each in self._links if line.endswith(each)), None)
        parsed = parse_chain(line[: -len(link)], self._links) if link and not _NO_CODE.match(line) else None
        if parsed is None:
            return self._get_tiers(known_key) if known_key in types else ()
        chain, start = parsed
        if known_key in types:
            self._cursor_chain = chain
        length = len(self._cursor_chain)
        at_cursor = bool(length) and chain[:length] == self._cursor_chain
        root, behind = chain[0], line[start + len(chain[0].encode()) :]
        rooted = self._follow(self._guide.roots.get(f"{root}::" if behind.startswith(b"::") else root, ""), chain[1:])
        key = (self._follow(self._guide.cursor_type, chain[length:]) if at_cursor else "") or rooted
        is_new = len(chain) == 1 and chain[0] in self._guide.definers and not line[:start].strip()
        tiers = self._get_tiers(key, rooted, is_new=is_new) if key else ()
        # Behind another object of the same name, as in `tree.children.first.children`, what is named of that one tells nothing.
        return tiers if chain[-1] in chain[:-1] else self._prefer_used(tiers, chain[-1])

    def _prefer_used(self, tiers: tuple[Tier, ...], last: str) -> tuple[Tier, ...]:
        """The tiers behind one of the names that the document uses of such an object, those that it has where that is known."""
        used = self._uses.get(last)
        if used is None:
            return tiers
        ordered = self._used_tiers.get((tiers, last))
        if ordered is None:
            used, cost = used.select(tiers[0]) if tiers else used, self._guide.other_use_cost
            others = [msgspec.structs.replace(each, cost=each.cost + cost) for each in tiers] or [Tier((), cost, is_free=True)]
            ordered = self._used_tiers[tiers, last] = (Tier((used,), 0.0), *others) if used.has_prefix(b"") else tiers
        return ordered

    def _follow(self, key: str, parts: Sequence[str]) -> str:
        """The type that members lead to from another one; empty where it is not known."""
        types = self._guide.types
        for part in parts:
            key = types[key].member_types.get(part, "") if key in types else ""
        return key if key in types else ""

    def copy(self) -> Self:
        """Another one at the same place."""
        other = type(self)(self._guide)
        other.state = self.state
        return other
