"""The tree of one text. Of a long text only the stretch that is being edited is parsed again. Knows no language, no document."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Self

from tree_sitter import Node, Tree

LONG = 100_000
"""Bytes from which on an edit is parsed in a stretch: tree-sitter visits each statement of a list again after every edit."""
REACH = 2_000
"""Bytes around an edit that its stretch takes in, each way."""
MOST = 8
"""Stretches of one text."""
CONTEXT = 1_000
"""Most bytes that the first or last member of what a stretch stands in may have to be parsed with it."""

Span = tuple[int, int]
Point = tuple[int, int]
Parse = Callable[[Tree | None, tuple[Span, ...]], Tree]
"""Parses a text: all of it, or the given bytes as if there were no others. The tree is of what it was before."""


@dataclass(frozen=True, slots=True)
class Change:
    """One replacement in a text."""

    start: int
    """Byte offset of the first replaced byte."""
    end: int
    """Where what was replaced ended."""
    stop: int
    """Where what stands there now ends."""
    points: tuple[Point, Point, Point]
    """The rows and columns of these three."""

    def moved(self, offset: int) -> int:
        """Where what stood at `offset` stands now."""
        return offset + self.stop - self.end if offset >= self.end else offset

    def stretched(self, span: Span) -> Span:
        """Where what stood in `span` stands now; what is put in at either end becomes part of it."""
        return span[0] if span[0] <= self.start else self.moved(span[0]), self.moved(span[1])

    def applied(self, tree: Tree) -> Tree:
        """The tree with its positions brought up to date."""
        tree = tree.copy()
        tree.edit(self.start, self.end, self.stop, *self.points)
        return tree


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some neighbours within one node, parsed apart from the rest, with just enough of what they stand in."""

    start: int
    """Byte offset of the first of them, its indentation included."""
    end: int
    """Where what follows the last of them begins."""
    core: Span
    """The bytes whose nodes count: the outermost neighbours, which lean on what is not parsed here, are left out."""
    safe: Span
    """Where an edit may begin and end without reaching beyond the core: one neighbour more is left out on either side."""
    spans: tuple[Span, ...]
    """The bytes that are parsed."""
    tree: Tree
    """Their tree; right within the core only."""
    anchor: tuple[str, ...]
    """The types of the nodes down to the one that begins where the core ends: they differ where something has swallowed it."""
    stale: bool = False
    """Whether it has been edited since it was parsed."""

    def edited(self, change: Change) -> "Stretch":
        """The same stretch after a change within its core, or away from all that is parsed with it."""
        start, end = change.stretched((self.start, self.end))
        spans = tuple(map(change.stretched, self.spans))
        return Stretch(
            start,
            end,
            change.stretched(self.core),
            change.stretched(self.safe),
            spans,
            change.applied(self.tree),
            self.anchor,
            self.stale or self.touches(change),
        )

    def parsed(self, parse: Parse) -> "Stretch":
        """The same stretch with its tree up to date."""
        # What is parsed on from a broken tree may stay broken when the text is mended.
        tree = None if self.tree.root_node.has_error else parse(self.tree, self.spans)
        if tree is None or tree.root_node.has_error:
            tree = parse(None, self.spans)
        return replace(self, tree=tree, stale=False)

    @property
    def contained(self) -> bool:
        """Whether what is in it ends in it; a broken stretch is taken at its word."""
        return self.tree.root_node.has_error or _path(self.tree, self.core[1]) == self.anchor

    def touches(self, change: Change) -> bool:
        """Whether a change lies in or beside what is parsed."""
        return any(start <= change.end and change.start <= end for start, end in self.spans)

    def contains(self, change: Change) -> bool:
        """Whether a change cannot reach out of the stretch."""
        return self.safe[0] <= change.start and change.end <= self.safe[1]


@dataclass(frozen=True, slots=True)
class Trees:
    """The tree of the whole text, and trees of the stretches in which it is out of date."""

    whole: Tree
    """Right outside the stretches; its positions are right everywhere."""
    stale: bool = False
    """Whether all of it has to be parsed again."""
    stretches: tuple[Stretch, ...] = ()
    """They do not overlap."""
    outside: int = 0
    """Errors of the whole tree, as it was parsed; none of them lies in a stretch."""

    @classmethod
    def of(cls, whole: Tree) -> Self:
        """The trees of a text of which all has just been parsed."""
        return cls(whole, outside=errors(whole))

    def edited(self, change: Change, data: bytes, parse: Parse, *, spans: tuple[Span, ...] = ()) -> "Trees":
        """The trees after a change of the text `data`, which `parse` parses; to be parsed again before they are asked.

        Trees of some `spans` of a text only are always parsed again as a whole.
        """
        whole = change.applied(self.whole)
        stretches = self.stretches
        touched = [stretch for stretch in stretches if stretch.touches(change)]
        if spans or self.stale or len(data) < LONG or len(touched) > 1 or not all(stretch.contains(change) for stretch in touched):
            return self.outdated(whole)
        if not touched:
            new = _stretch(self.whole, data, change, parse)
            if new is None or len(stretches) == MOST or any(new.start < old.end and old.start < new.end for old in stretches):
                return self.outdated(whole)
            stretches = (*stretches, new)
        return replace(self, whole=whole, stretches=tuple(stretch.edited(change) for stretch in stretches))

    def parsed(self, parse: Parse) -> "Trees":
        """The trees with all that is stale parsed again."""
        if self.stale:
            return Trees.of(parse(self.whole, ()))
        stretches = tuple(stretch.parsed(parse) if stretch.stale else stretch for stretch in self.stretches)
        if not all(stretch.contained for stretch in stretches):
            return Trees.of(parse(self.whole, ()))
        return replace(self, stretches=stretches)

    def outdated(self, whole: Tree) -> "Trees":
        """The whole tree with its positions brought up to date, all of it to be parsed again; it has the errors it had."""
        return Trees(whole, stale=True, outside=self.errors)

    @property
    def broken(self) -> bool:
        """Whether anything in them does not fit the grammar."""
        return self.outside > 0 or any(stretch.tree.root_node.has_error for stretch in self.stretches)

    @property
    def doubtful(self) -> bool:
        """Whether several stretches are broken: what opens in one of them may close in another, and all be right."""
        return sum(stretch.tree.root_node.has_error for stretch in self.stretches) > 1

    @property
    def errors(self) -> int:
        """Number of ERROR and MISSING nodes."""
        return self.outside + sum(errors(stretch.tree) for stretch in self.stretches)

    def errors_before(self, offset: int) -> int:
        """How many of them end at the byte `offset` or earlier; those of a stretch that is parsed apart are not among them."""
        return min(self.outside, errors(self.whole, offset))

    def roots(self, start: int, end: int) -> Iterator[tuple[Node, Stretch | None]]:
        """The roots in which the bytes `start` to `end` are looked up, each with the stretch a node has to begin in to count."""
        yield self.whole.root_node, None
        yield from ((each.tree.root_node, each) for each in self.stretches if each.core[0] < end and start < each.core[1])

    def stretch(self, offset: int) -> Stretch | None:
        """The stretch in which a node that begins at `offset` counts."""
        return next((each for each in self.stretches if each.core[0] <= offset < each.core[1]), None)


def errors(tree: Tree, before: int | None = None) -> int:
    """Number of ERROR and MISSING nodes, of those that end at the byte `before` or earlier. Only broken branches are visited."""
    count = 0
    pending = [tree.root_node] if tree.root_node.has_error else []
    while pending:
        node = pending.pop()
        count += (node.is_error or node.is_missing) and (before is None or node.end_byte <= before)
        pending.extend(child for child in node.children if child.has_error and (before is None or child.start_byte < before))
    return count


def _stretch(tree: Tree, data: bytes, change: Change, parse: Parse) -> Stretch | None:
    """The stretch around a change that is about to be made; None where it has no neighbours that can be parsed apart."""
    parent, context = tree.root_node, list[Span]()
    child = _at(parent, _index(parent, change.start))
    while child and child.start_byte <= change.start and change.end <= child.end_byte and _large(child):
        context += _context(data, parent, child.start_byte, child.end_byte)
        parent, child = child, _at(child, _index(child, change.start))
    first, last = _index(parent, change.start - REACH), _index(parent, change.end + REACH)
    # A line goes with what ends its last statement, such as a semicolon.
    here, there = _index(parent, change.start), _index(parent, change.end)
    first = next((i for i in range(first, here) if _leads(data, parent, i)), first)
    last = next((i for i in range(last, there, -1) if _leads(data, parent, i + 1)), last)
    left, right = _at(parent, first), _at(parent, last)
    if left and _large(left):
        first, left = first + 1, _at(parent, first + 1)
    if right and _large(right):
        last, right = last - 1, _at(parent, last - 1)
    inner, outer = _at(parent, first + 1), _at(parent, last - 1)
    if left is None or right is None or inner is None or outer is None:
        return None
    if not {_field(parent, first - 1), _field(parent, last + 1)} <= {"", *(_field(parent, i) for i in range(first, last + 1))}:
        return None  # what would be left out is a part of its own kind, such as the body of a header, and no further neighbour
    before, after, top = _at(parent, first - 1), _at(parent, last + 1), parent.parent is None
    start = 0 if top and not before else _begin(data, left.start_byte)
    end = _begin(data, after.start_byte) if after else len(data) if top else _over(data, right.end_byte)
    core = start if top and not before else left.end_byte, end + 1 if top and not after else right.start_byte
    safe = start if top and not before else inner.end_byte + 1, end if top and not after else outer.start_byte - 1
    if not (safe[0] <= change.start and change.end <= safe[1]) or end - start > 8 * REACH:
        return None
    spans = _merged([*context, *_context(data, parent, start, end), (start, end)])
    own = parse(None, spans)
    # From a broken tree it would be cut in the wrong places.
    broken = any(child.has_error for i in range(first, last + 1) if (child := parent.child(i)))
    sound = not (own.root_node.has_error or parent.is_error or broken)
    same = all(_path(own, offset) == _path(tree, offset) for offset in (core[0], change.start, core[1]))
    return Stretch(start, end, core, safe, spans, own, _path(own, core[1])) if sound and same else None


def _path(tree: Tree, offset: int) -> tuple[str, ...]:
    """The types of the nodes from the root down to the first that begins at `offset`; none at the end."""
    if offset >= tree.root_node.end_byte:
        return ()
    path, node = [], _at(tree.root_node, _index(tree.root_node, offset))
    while node:
        path.append(node.type)
        node = _at(node, _index(node, offset)) if node.start_byte < offset else None
    return tuple(path)


def _index(node: Node, offset: int) -> int:
    """Which child is the first that ends behind `offset`; the last where none does."""
    # Not `first_child_for_byte`: where there is none, the binding makes a node of nothing, and a look at it ends the process.
    children = range(node.child_count)
    return min(bisect_right(children, offset, key=lambda i: child.end_byte if (child := node.child(i)) else 0), len(children) - 1)


def _at(node: Node, index: int) -> Node | None:
    return node.child(index) if 0 <= index < node.child_count else None


def _leads(data: bytes, parent: Node, index: int) -> bool:
    """Whether a child is the first of its line, or there is none."""
    child = _at(parent, index)
    return child is None or not data[data.rfind(b"\n", 0, child.start_byte) + 1 : child.start_byte].strip()


def _field(node: Node, index: int) -> str:
    return (node.field_name_for_child(index) or "") if 0 <= index < node.child_count else ""


def _large(node: Node) -> bool:
    return node.end_byte - node.start_byte > 2 * REACH


def _context(data: bytes, parent: Node, start: int, end: int) -> Iterator[Span]:
    """What of `parent` is parsed with its bytes `start` to `end`: all before and behind where that is little, else its first two
    members and its last one, so that what joins the members and closes them is there.
    """
    top = parent.parent is None
    begin, stop = (0, len(data)) if top else (_begin(data, parent.start_byte), parent.end_byte)
    members = [child for i in range(min(parent.named_child_count, 3)) if (child := parent.named_child(i))]
    if start - begin <= CONTEXT:
        yield begin, start
    elif members:
        unfit = next((member for member in members if member.has_error or member.end_byte - begin > CONTEXT), members[-1])
        yield begin, _begin(data, unfit.start_byte)
    last = parent.named_child(parent.named_child_count - 1) if members else None
    if stop - end <= CONTEXT:
        yield end, stop
    elif last:
        fit = not last.has_error and last.end_byte - last.start_byte <= CONTEXT
        yield _begin(data, last.start_byte) if fit else last.end_byte, stop


def _begin(data: bytes, offset: int) -> int:
    """Where the line of `offset` begins if only white space stands before it; else `offset`."""
    line = data.rfind(b"\n", 0, offset) + 1
    return offset if data[line:offset].strip() else line


def _over(data: bytes, offset: int) -> int:
    """Behind the line of `offset` if only white space follows in it; else `offset`."""
    line = data.find(b"\n", offset) + 1 or len(data)
    return offset if data[offset:line].strip() else line


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    """The same bytes in order, none twice and none of no length."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        elif start < end:
            found.append((start, end))
    return tuple(found)
