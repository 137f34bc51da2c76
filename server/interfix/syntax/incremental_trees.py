"""The tree of one text. Of a long text only the stretch that is being edited is parsed again."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Self

from tree_sitter import Node, Tree

LONG_TEXT_BYTES = 100_000
"""Bytes from which on an edit is parsed in a stretch: tree-sitter visits each statement of a list again after every edit."""
REGION_REACH_BYTES = 2_000
"""Bytes around an edit that its stretch takes in, each way."""
MAX_REGIONS = 8
"""Stretches of one text."""
MAX_CONTEXT_BYTES = 1_000
"""Most bytes that the first or last member of what a stretch stands in may have to be parsed with it."""

Span = tuple[int, int]
RowColumn = tuple[int, int]
ParseFunction = Callable[[Tree | None, tuple[Span, ...]], Tree]
"""Parses a text: all of it, or the given bytes as if there were no others. The tree is of what it was before."""


@dataclass(frozen=True, slots=True)
class TextChange:
    """One replacement in a text."""

    start: int
    """Byte offset of the first replaced byte."""
    old_end: int
    """Where what was replaced ended."""
    new_end: int
    """Where what stands there now ends."""
    points: tuple[RowColumn, RowColumn, RowColumn]
    """The rows and columns of these three."""

    def shift_offset(self, offset: int) -> int:
        """Where what stood at `offset` stands now."""
        return offset + self.new_end - self.old_end if offset >= self.old_end else offset

    def shift_span(self, span: Span) -> Span:
        """Where what stood in `span` stands now; what is put in at either end becomes part of it."""
        return span[0] if span[0] <= self.start else self.shift_offset(span[0]), self.shift_offset(span[1])

    def apply_to(self, tree: Tree) -> Tree:
        """The tree with its positions brought up to date."""
        tree = tree.copy()
        tree.edit(self.start, self.old_end, self.new_end, *self.points)
        return tree


@dataclass(frozen=True, slots=True)
class ParsedRegion:
    """Some neighbours within one node, parsed apart from the rest, with just enough of what they stand in."""

    start: int
    """Byte offset of the first of them, its indentation included."""
    end: int
    """Where what follows the last of them begins."""
    valid_span: Span
    """The bytes whose nodes count: the outermost neighbours, which lean on what is not parsed here, are left out."""
    editable_span: Span
    """Where an edit may begin and end without reaching beyond the core: one neighbour more is left out on either side."""
    parsed_spans: tuple[Span, ...]
    """The bytes that are parsed."""
    tree: Tree
    """Their tree; right within the core only."""
    boundary_path: tuple[str, ...]
    """The types of the nodes down to the one that begins where the core ends: they differ where something has swallowed it."""
    stale: bool = False
    """Whether it has been edited since it was parsed."""

    def apply_change(self, change: TextChange) -> "ParsedRegion":
        """The same stretch after a change within its core, or away from all that is parsed with it."""
        start, end = change.shift_span((self.start, self.end))
        spans = tuple(map(change.shift_span, self.parsed_spans))
        return ParsedRegion(
            start,
            end,
            change.shift_span(self.valid_span),
            change.shift_span(self.editable_span),
            spans,
            change.apply_to(self.tree),
            self.boundary_path,
            self.stale or self.touches(change),
        )

    def reparse(self, parse: ParseFunction) -> "ParsedRegion":
        """The same stretch with its tree up to date."""
        # What is parsed on from a broken tree may stay broken when the text is mended.
        tree = None if self.tree.root_node.has_error else parse(self.tree, self.parsed_spans)
        if tree is None or tree.root_node.has_error:
            tree = parse(None, self.parsed_spans)
        return replace(self, tree=tree, stale=False)

    @property
    def is_contained(self) -> bool:
        """Whether what is in it ends in it; a broken stretch is taken at its word."""
        return self.tree.root_node.has_error or _find_node_path(self.tree, self.valid_span[1]) == self.boundary_path

    def touches(self, change: TextChange) -> bool:
        """Whether a change lies in or beside what is parsed."""
        return any(start <= change.old_end and change.start <= end for start, end in self.parsed_spans)

    def contains(self, change: TextChange) -> bool:
        """Whether a change cannot reach out of the stretch."""
        return self.editable_span[0] <= change.start and change.old_end <= self.editable_span[1]


@dataclass(frozen=True, slots=True)
class IncrementalTrees:
    """The tree of the whole text, and trees of the stretches in which it is out of date."""

    full_tree: Tree
    """Right outside the stretches; its positions are right everywhere."""
    stale: bool = False
    """Whether all of it has to be parsed again."""
    regions: tuple[ParsedRegion, ...] = ()
    """They do not overlap."""
    outside_errors: int = 0
    """Errors of the whole tree, as it was parsed; none of them lies in a stretch."""

    @classmethod
    def from_tree(cls, full_tree: Tree) -> Self:
        """The trees of a text of which all has just been parsed."""
        return cls(full_tree, outside_errors=count_errors(full_tree))

    def apply_change(
        self, change: TextChange, data: bytes, parse: ParseFunction, *, spans: tuple[Span, ...] = ()
    ) -> "IncrementalTrees":
        """The trees after a change of the text `data`, which `parse` parses; to be parsed again before they are asked.

        Trees of some `spans` of a text only are always parsed again as a whole.
        """
        whole = change.apply_to(self.full_tree)
        stretches = self.regions
        touched = [stretch for stretch in stretches if stretch.touches(change)]
        if (
            spans
            or self.stale
            or len(data) < LONG_TEXT_BYTES
            or len(touched) > 1
            or not all(stretch.contains(change) for stretch in touched)
        ):
            return self.mark_stale(whole)
        if not touched:
            new = _cut_region(self.full_tree, data, change, parse)
            if (
                new is None
                or len(stretches) == MAX_REGIONS
                or any(new.start < old.end and old.start < new.end for old in stretches)
            ):
                return self.mark_stale(whole)
            stretches = (*stretches, new)
        return replace(self, full_tree=whole, regions=tuple(stretch.apply_change(change) for stretch in stretches))

    def reparse(self, parse: ParseFunction) -> "IncrementalTrees":
        """The trees with all that is stale parsed again."""
        if self.stale:
            return IncrementalTrees.from_tree(parse(self.full_tree, ()))
        stretches = tuple(stretch.reparse(parse) if stretch.stale else stretch for stretch in self.regions)
        if not all(stretch.is_contained for stretch in stretches):
            return IncrementalTrees.from_tree(parse(self.full_tree, ()))
        return replace(self, regions=stretches)

    def mark_stale(self, full_tree: Tree) -> "IncrementalTrees":
        """The whole tree with its positions brought up to date, all of it to be parsed again; it has the errors it had."""
        return IncrementalTrees(full_tree, stale=True, outside_errors=self.error_count)

    @property
    def broken(self) -> bool:
        """Whether anything in them does not fit the grammar."""
        return self.outside_errors > 0 or any(stretch.tree.root_node.has_error for stretch in self.regions)

    @property
    def doubtful(self) -> bool:
        """Whether several stretches are broken: what opens in one of them may close in another, and all be right."""
        return sum(stretch.tree.root_node.has_error for stretch in self.regions) > 1

    @property
    def error_count(self) -> int:
        """Number of ERROR and MISSING nodes."""
        return self.outside_errors + sum(count_errors(stretch.tree) for stretch in self.regions)

    def errors_before(self, offset: int) -> int:
        """How many of them end at the byte `offset` or earlier; those of a stretch that is parsed apart are not among them."""
        return min(self.outside_errors, count_errors(self.full_tree, offset))

    def find_roots(self, start: int, end: int) -> Iterator[tuple[Node, ParsedRegion | None]]:
        """The roots in which the bytes `start` to `end` are looked up, each with the stretch a node has to begin in to count."""
        yield self.full_tree.root_node, None
        yield from ((each.tree.root_node, each) for each in self.regions if each.valid_span[0] < end and start < each.valid_span[1])

    def find_region(self, offset: int) -> ParsedRegion | None:
        """The stretch in which a node that begins at `offset` counts."""
        return next((each for each in self.regions if each.valid_span[0] <= offset < each.valid_span[1]), None)


def count_errors(tree: Tree, before: int | None = None) -> int:
    """Number of ERROR and MISSING nodes, of those that end at the byte `before` or earlier. Only broken branches are visited."""
    count = 0
    pending = [tree.root_node] if tree.root_node.has_error else []
    while pending:
        node = pending.pop()
        count += (node.is_error or node.is_missing) and (before is None or node.end_byte <= before)
        pending.extend(child for child in node.children if child.has_error and (before is None or child.start_byte < before))
    return count


def _cut_region(tree: Tree, data: bytes, change: TextChange, parse: ParseFunction) -> ParsedRegion | None:
    """The stretch around a change that is about to be made; None where it has no neighbours that can be parsed apart."""
    parent, context = tree.root_node, list[Span]()
    child = _get_child(parent, _find_child_index(parent, change.start))
    while child and child.start_byte <= change.start and change.old_end <= child.end_byte and _is_large(child):
        context += _select_context(data, parent, child.start_byte, child.end_byte)
        parent, child = child, _get_child(child, _find_child_index(child, change.start))
    first, last = (
        _find_child_index(parent, change.start - REGION_REACH_BYTES),
        _find_child_index(parent, change.old_end + REGION_REACH_BYTES),
    )
    # A line goes with what ends its last statement, such as a semicolon.
    here, there = _find_child_index(parent, change.start), _find_child_index(parent, change.old_end)
    first = next((i for i in range(first, here) if _begins_line(data, parent, i)), first)
    last = next((i for i in range(last, there, -1) if _begins_line(data, parent, i + 1)), last)
    left, right = _get_child(parent, first), _get_child(parent, last)
    if left and _is_large(left):
        first, left = first + 1, _get_child(parent, first + 1)
    if right and _is_large(right):
        last, right = last - 1, _get_child(parent, last - 1)
    inner, outer = _get_child(parent, first + 1), _get_child(parent, last - 1)
    if left is None or right is None or inner is None or outer is None:
        return None
    if not {_get_field(parent, first - 1), _get_field(parent, last + 1)} <= {
        "",
        *(_get_field(parent, i) for i in range(first, last + 1)),
    }:
        return None  # what would be left out is a part of its own kind, such as the body of a header, and no further neighbour
    before, after, top = _get_child(parent, first - 1), _get_child(parent, last + 1), parent.parent is None
    start = 0 if top and not before else _find_line_start(data, left.start_byte)
    end = _find_line_start(data, after.start_byte) if after else len(data) if top else _find_line_end(data, right.end_byte)
    core = start if top and not before else left.end_byte, end + 1 if top and not after else right.start_byte
    safe = start if top and not before else inner.end_byte + 1, end if top and not after else outer.start_byte - 1
    if not (safe[0] <= change.start and change.old_end <= safe[1]) or end - start > 8 * REGION_REACH_BYTES:
        return None
    spans = _merge_spans([*context, *_select_context(data, parent, start, end), (start, end)])
    own = parse(None, spans)
    # From a broken tree it would be cut in the wrong places.
    broken = any(child.has_error for i in range(first, last + 1) if (child := parent.child(i)))
    sound = not (own.root_node.has_error or parent.is_error or broken)
    same = all(_find_node_path(own, offset) == _find_node_path(tree, offset) for offset in (core[0], change.start, core[1]))
    return ParsedRegion(start, end, core, safe, spans, own, _find_node_path(own, core[1])) if sound and same else None


def _find_node_path(tree: Tree, offset: int) -> tuple[str, ...]:
    """The types of the nodes from the root down to the first that begins at `offset`; none at the end."""
    if offset >= tree.root_node.end_byte:
        return ()
    path, node = [], _get_child(tree.root_node, _find_child_index(tree.root_node, offset))
    while node:
        path.append(node.type)
        node = _get_child(node, _find_child_index(node, offset)) if node.start_byte < offset else None
    return tuple(path)


def _find_child_index(node: Node, offset: int) -> int:
    """Which child is the first that ends behind `offset`; the last where none does."""
    # Not `first_child_for_byte`: where there is none, the binding makes a node of nothing, and a look at it ends the process.
    children = range(node.child_count)
    return min(bisect_right(children, offset, key=lambda i: child.end_byte if (child := node.child(i)) else 0), len(children) - 1)


def _get_child(node: Node, index: int) -> Node | None:
    return node.child(index) if 0 <= index < node.child_count else None


def _begins_line(data: bytes, parent: Node, index: int) -> bool:
    """Whether a child is the first of its line, or there is none."""
    child = _get_child(parent, index)
    return child is None or not data[data.rfind(b"\n", 0, child.start_byte) + 1 : child.start_byte].strip()


def _get_field(node: Node, index: int) -> str:
    return (node.field_name_for_child(index) or "") if 0 <= index < node.child_count else ""


def _is_large(node: Node) -> bool:
    return node.end_byte - node.start_byte > 2 * REGION_REACH_BYTES


def _select_context(data: bytes, parent: Node, start: int, end: int) -> Iterator[Span]:
    """What of `parent` is parsed with its bytes `start` to `end`: all before and behind where that is little, else its first two
    members and its last one, so that what joins the members and closes them is there.
    """
    top = parent.parent is None
    begin, stop = (0, len(data)) if top else (_find_line_start(data, parent.start_byte), parent.end_byte)
    members = [child for i in range(min(parent.named_child_count, 3)) if (child := parent.named_child(i))]
    if start - begin <= MAX_CONTEXT_BYTES:
        yield begin, start
    elif members:
        unfit = next((member for member in members if member.has_error or member.end_byte - begin > MAX_CONTEXT_BYTES), members[-1])
        yield begin, _find_line_start(data, unfit.start_byte)
    last = parent.named_child(parent.named_child_count - 1) if members else None
    if stop - end <= MAX_CONTEXT_BYTES:
        yield end, stop
    elif last:
        fit = not last.has_error and last.end_byte - last.start_byte <= MAX_CONTEXT_BYTES
        yield _find_line_start(data, last.start_byte) if fit else last.end_byte, stop


def _find_line_start(data: bytes, offset: int) -> int:
    """Where the line of `offset` begins if only white space stands before it; else `offset`."""
    line = data.rfind(b"\n", 0, offset) + 1
    return offset if data[line:offset].strip() else line


def _find_line_end(data: bytes, offset: int) -> int:
    """Behind the line of `offset` if only white space follows in it; else `offset`."""
    line = data.find(b"\n", offset) + 1 or len(data)
    return offset if data[offset:line].strip() else line


def _merge_spans(spans: list[Span]) -> tuple[Span, ...]:
    """The same bytes in order, none twice and none of no length."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        elif start < end:
            merged.append((start, end))
    return tuple(merged)
