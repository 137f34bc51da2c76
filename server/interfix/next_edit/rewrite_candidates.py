"""What speaks for and against a rewrite at a site, in figures."""

import math
import re
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.class_members import is_class_member, means_other_member
from interfix.next_edit.code_tokens import is_word, split_tokens
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.one_off_changes import is_local_change
from interfix.next_edit.removed_import_names import removes_word
from interfix.next_edit.rewrite_sites import Site, find_sites, is_rename_of_words
from interfix.next_edit.rewrites import Occasion, Rewrite
from interfix.next_edit.token_changes import CONTEXT_TOKENS, TokenChange
from interfix.syntax.name_place import NamePlace, TextKind, find_name_place

MAX_ORIGINS = 64
"""Times that a rewrite was made that are looked at for what they are part of."""
MAX_CANDIDATES = 200
"""Sites of all rewrites that are weighed."""
MIN_NAME_CHARACTERS = 2
"""Of a shorter name only the uses are renamed whose declaration was."""
_TAGS_OF_ELEMENT = 2
RENAME_DEFINITION = "rename_definition"
"""The kind of the definition of a member of the own object that was used once, and is used under another name now."""
ORPHAN = "orphan"
"""The kind of what takes away a name whose import the user took away."""
_OWN_OBJECTS = frozenset([("self",), ("this",)])
RENAME_IN_SCOPE = "rename_in_scope"
"""The kind of a use that the newest edits left without its declaration: it is wrong as it is, wherever it stands."""


def list_rewrite_candidates(search: EditSearch, *, renames: bool) -> list[Candidate]:
    """The rewrites of the last edits at their sites in the document: those of one word for another, or the others."""
    context = search.context
    near = context.snapshot.lines.find_line(context.offset)
    candidates: list[Candidate] = []
    for rewrite in search.history.rewrites:
        if is_rename_of_words(rewrite) is renames:
            sites = find_sites(search.table, rewrite, near)
            candidates += _Weighing(search, rewrite, sites).list_candidates()
            if len(candidates) >= MAX_CANDIDATES:
                break
    return candidates


class _Weighing:
    """One rewrite and its sites."""

    def __init__(self, search: EditSearch, rewrite: Rewrite, sites: Sequence[Site]) -> None:
        context, table = search.context, search.table
        self._context, self._table, self._history, self._rewrite = context, table, search.history, rewrite
        self._frees_orphan = removes_word(rewrite, search.orphaned_names)
        uri = context.snapshot.uri
        self._here = [each for each in rewrite.occasions if each.uri == uri and each.line >= 0]
        self._made_lines = sorted({each.line for each in self._here})
        self._is_rename = is_rename_of_words(rewrite)
        made = set(self._made_lines)
        self._sites = [site for site in sites if self._is_rename or site.line not in made]
        self._cursor_line = context.snapshot.lines.find_line(context.offset)
        self._origin = self._describe_origin()
        self._places = [find_name_place(context.snapshot, self._find_start(site)) for site in self._sites]
        origins = [find_name_place(context.snapshot, self._find_new(each)) for each in self._here[:MAX_ORIGINS]]
        declared = [(each, self._find_new(at)) for each, at in zip(origins, self._here, strict=False) if each.declares]
        self._member = next((start for each, start in declared if self._is_rename and each.scope is None), None)
        self._names_arguments = any(each.is_parameter or is_class_member(table, start) for each, start in declared) or not declared
        self._origin_kinds = {each.kind for each in origins}
        self._origin_in_code = {each is TextKind.CODE for each in self._origin_kinds}
        self._declared_in = [each.scope for each in origins if each.declares]
        """Where the old name was known that was declared where it was changed; None: in the whole file."""
        self._still_declared_in = {each.scope for each in self._places if each.declares and not each.is_constructor}
        self._shared = self._weigh_rewrite()

    def list_candidates(self) -> Iterator[Candidate]:
        kind = self._tell_kind()
        shared = self._shared
        if self._is_rename and shared["in_text"] and shared["once"] and not shared["whole"]:
            return  # one word of a sentence that was reworded
        if shared["once"] and not self._context.explicit and self._is_local():
            return
        if self._is_rename and self._is_element():
            return  # its other tag is what follows, and other elements of the name do not
        for site, name_place in zip(self._sites, self._places, strict=True):
            evidence = self._weigh_site(site, name_place)
            if evidence is not None:
                evidence = self._shared | evidence
                label = f"{self._rewrite.changes[0][0].strip()} → {self._rewrite.changes[0][1].strip()}"
                yield Candidate(
                    "rename" if self._is_rename else "repeat",
                    self._tell_table(kind, evidence),
                    site.line,
                    site.line + 1,
                    tuple(self._build_replacements(site)),
                    evidence,
                    label,
                    self._rewrite.occasions[0].number,
                    self._rewrite.is_accepted,
                )

    def _build_replacements(self, site: Site) -> Iterator[Replacement]:
        """What changes in the document; further lines of a new text are indented as those of the site."""
        indent, _, offsets = self._table.split_line(site.line)
        base = self._rewrite.occasions[0].indent
        for match in site.matches:
            first, *more = match.new.split("\n")
            lines = [first, *(indent + line.removeprefix(base) if line.strip() else line for line in more)]
            text = self._context.snapshot.newline.join(lines).encode("utf-8", "surrogatepass")
            start, end = (self._table.find_byte(site.line, offsets[at]) for at in (match.first, match.end))
            yield Replacement(start, end, text)

    def _tell_kind(self) -> str:
        if self._is_rename:
            return "rename"
        old, new = ("".join(pair[side] for pair in self._rewrite.changes) for side in (0, 1))
        return "replace" if old.strip() and new.strip() else "insert" if new.strip() else "delete"

    def _is_element(self) -> bool:
        """Whether what was renamed is an element of a page, in one tag or both."""
        occasions = self._rewrite.occasions
        in_tags = all(each.changes[0].before in ("<", "/") for each in occasions)
        return in_tags and self._rewrite.changes[0][0].islower() and len(occasions) <= _TAGS_OF_ELEMENT

    def _is_local(self) -> bool:
        kind = TextKind.CODE if not self._here or TextKind.CODE in self._origin_kinds else TextKind.STRING
        return is_local_change(self._rewrite.occasions[0].changes, kind, self._context.snapshot.language)

    def _describe_origin(self) -> NamePlace:
        """Where the newest of the changes was made in this document."""
        if not self._here:
            return NamePlace()
        return find_name_place(self._context.snapshot, self._find_new(self._here[0]))

    def _find_new(self, occasion: Occasion) -> int:
        """The byte at which the first change of an occasion stands now."""
        return find_new_text(self._table, occasion.line, occasion.changes[0])

    def _weigh_rewrite(self) -> dict[str, float]:
        rewrite, first = self._rewrite, self._rewrite.occasions[0]
        low, high = (self._made_lines[0], self._made_lines[-1]) if self._made_lines else (0, 0)
        # Of a change that is gone through by accepting, no place has been passed by: it has only not come up yet.
        passed = 0 if rewrite.is_accepted else sum(low < site.line < high for site in self._sites)
        above = 0 if rewrite.is_accepted else sum(site.line < low for site in self._sites)
        open_count = len(self._sites)
        support = len({(each.uri, each.line, each.number) for each in rewrite.occasions})
        old = "".join(old for old, _ in rewrite.changes)
        new = "".join(new for _, new in rewrite.changes)
        words = [token for token in split_tokens(new) if is_word(token)]
        is_known = self._is_rename and self._is_known(new)
        return {
            "support": math.log2(1 + support),
            "once": float(support == 1),
            "whole": float(any(len(each.changes) == each.total for each in rewrite.occasions)),
            "several": float(len(rewrite.changes) > 1),
            "recent": float(first.number == self._history.newest),
            "age": math.log2(1 + self._history.newest - first.number),
            "passed": math.log2(1 + passed),
            "passed_share": passed / (passed + support),
            "above": math.log2(1 + above),
            "open": math.log2(open_count) if open_count else 0.0,
            "old_tokens": math.log2(1 + sum(not token.isspace() for token in split_tokens(old))),
            "new_tokens": math.log2(1 + sum(not token.isspace() for token in split_tokens(new))),
            "old_length": math.log2(1 + len(old)),
            "new_words": math.log2(1 + len(words)),
            "new_known": float(is_known),
            "case_only": float(old.replace("_", "").lower() == new.replace("_", "").lower()),
            "lines": float("\n" in new),
            "declared": float(self._origin.declares),
            "was_declared": float(bool(self._declared_in)),
            "in_text": float(self._origin.kind is not TextKind.CODE),
        }

    def _is_known(self, name: str) -> bool:
        """Whether code had a name before the old one gave way to it."""
        lines = [line for line in self._table.find_words(name) if line not in self._made_lines][:MAX_ORIGINS]
        places = (
            self._table.find_byte(line, match.start()) for line in lines for match in _find_word(self._table.lines[line], name)
        )
        return any(find_name_place(self._context.snapshot, place).kind is TextKind.CODE for place in places)

    def _tell_table(self, kind: str, evidence: dict[str, float]) -> str:
        """By which weights a candidate is judged: a name that is declared nowhere any more is not one that is only used."""
        if evidence["dangling"] and not self._shared["new_known"]:
            return RENAME_IN_SCOPE if self._shared["recent"] else "rename_declared"
        if self._frees_orphan and not self._is_rename and self._shared["whole"]:
            return ORPHAN
        if evidence["defines"] and evidence["own_member"] and len(self._sites) == 1 and not self._shared["new_known"]:
            return RENAME_DEFINITION
        return "rename_member" if self._is_rename and evidence["unknown_member"] else kind

    def _find_start(self, site: Site) -> int:
        _, _, offsets = self._table.split_line(site.line)
        return self._table.find_byte(site.line, offsets[site.matches[0].first])

    def _weigh_site(self, site: Site, name_place: NamePlace) -> dict[str, float] | None:
        table = self._table
        indent, tokens, offsets = table.split_line(site.line)
        start = table.find_byte(site.line, offsets[site.matches[0].first])
        if self._here and name_place.kind is not TextKind.CODE and False not in self._origin_in_code:
            return None
        text = table.lines[site.line].strip()
        likest = max(self._rewrite.occasions, key=lambda each: fuzz.ratio(each.text, text))
        left = min(match.left for match in site.matches)
        right = min(match.right for match in site.matches)
        origin = self._origin.function
        within = _holds(origin, start)
        scopes = [scope for scope in self._declared_in if scope is None or _holds(scope, start)]
        foreign = self._is_rename and bool(self._declared_in) and not scopes
        shadowed = self._is_rename and any(_holds(scope, start) for scope in self._still_declared_in - {None, *scopes})
        dangling = self._is_rename and bool(scopes) and self._still_declared_in.isdisjoint(scopes)
        if not dangling and self._is_rename and len(self._rewrite.changes[0][0]) < MIN_NAME_CHARACTERS:
            return None  # too common to be the same thing, unless the tree says so
        if (foreign or shadowed) and (not name_place.declares or self._shared["once"] or self._is_used_in(name_place.scope)):
            return None  # another thing of the same name
        if self._is_rename and name_place.is_argument_name and not self._names_arguments:
            return None  # a parameter of what is called there
        if self._member is not None and means_other_member(table, self._rewrite.changes[0][0], self._member, start):
            return None
        before = tokens[site.matches[0].first - 1] if site.matches[0].first else ""
        same_access = any(
            (each.changes[0].before in (".", ">", ":")) == (before in (".", ">", ":")) for each in self._rewrite.occasions
        )
        return {
            "left": left / CONTEXT_TOKENS,
            "right": right / CONTEXT_TOKENS,
            "context": min(left + right, CONTEXT_TOKENS) / CONTEXT_TOKENS,
            "least_side": min(left, right) / CONTEXT_TOKENS,
            "touching": min(match.touching for match in site.matches) / 2,
            "loose": float(any(match.loose for match in site.matches)),
            "likeness": fuzz.ratio(likest.text, text) / 100,
            "same_line": float(likest.text == text),
            "same_indent": float(likest.indent == indent),
            **self._weigh_position(site.line),
            "within": float(within),
            "apart": float(origin is not None and not within),
            "declares": float(name_place.declares),
            "defines": float(self._is_rename and name_place.declares and not self._declared_in),
            "other_kind": float(bool(self._here) and (name_place.kind is TextKind.CODE) not in self._origin_in_code),
            "own_member": float(all(each.changes[0].left[1:2] in _OWN_OBJECTS for each in self._rewrite.occasions)),
            "foreign": float(foreign or shadowed),
            "in_scope": float(bool(scopes)),
            "dangling": float(dangling),
            "same_access": float(same_access),
            "member": float(before in (".", ">", ":")),
            "unknown_member": float(before in (".", ">", ":") and not self._declared_in and not name_place.declares),
        }

    def _weigh_position(self, line: int) -> dict[str, float]:
        """Where a place is, as seen from the cursor and from the places where the change was made.

        Once the user goes through a change by accepting, the order is the predictor's, and tells nothing of what the user wants:
        each place counts as the next one, as seen from the place before it.
        """
        if self._rewrite.is_accepted:
            before = [each for each in (*self._made_lines, *(site.line for site in self._sites)) if each < line]
            return {"distance": math.log2(1 + line - max(before, default=line)) / 4, "next": 1.0}
        low, high = (self._made_lines[0], self._made_lines[-1]) if self._made_lines else (0, 0)
        distance = line - self._cursor_line
        return {
            "site_above": float(bool(self._made_lines) and line < low),
            "site_passed": float(bool(self._made_lines) and low < line < high),
            "distance": math.log2(1 + abs(distance)) / 4,
            "behind": float(distance < 0),
            "next": float(bool(self._sites) and line == self._find_next()),
        }

    def _is_used_in(self, scope: tuple[int, int] | None) -> bool:
        """Whether the old name is used where it is known, and not only declared there."""
        if scope is None:
            return False
        text = self._context.snapshot.data[slice(*scope)]
        uses = len(re.findall(rb"\b" + re.escape(self._rewrite.changes[0][0].encode()) + rb"\b", text))
        return uses > sum(name_place.declares and name_place.scope == scope for name_place in self._places)

    def _find_next(self) -> int:
        below = [site.line for site in self._sites if site.line >= self._cursor_line]
        return below[0] if below else -1


def _find_word(line: str, name: str) -> Iterator["re.Match[str]"]:
    return re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", line)


def find_new_text(table: LineTable, number: int, change: TokenChange) -> int:
    """The byte at which what a change put into a line stands now; that of the line's text where it cannot be told."""
    line = table.lines[number] if number < len(table.lines) else ""
    first = change.new.split("\n", 1)[0]
    at = line.find(change.before + first + change.after) if first else -1
    return table.find_byte(number, at + len(change.before) if at >= 0 else len(line) - len(line.lstrip()))


def _holds(span: tuple[int, int] | None, offset: int) -> bool:
    return span is not None and span[0] <= offset < span[1]
