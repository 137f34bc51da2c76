"""One language's tree-sitter grammar and its queries, loaded when first needed."""

import importlib
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import tree_sitter
from tree_sitter import Node, Parser, Point, Query, QueryCursor, Range, Tree

_log = logging.getLogger(__name__)

Captures = dict[str, list[Node]]
StopCheck = Callable[[], bool]
"""Whether to give up a parse; asked every few dozen microseconds."""

_READ_BYTES = 1 << 16
"""Bytes that are handed to a parser at a time."""


class Grammar:
    """Parses one language and asks its trees."""

    def __init__(self, name: str, language: tree_sitter.Language, sources: Mapping[str, str]) -> None:
        self._name = name
        self._language = language
        self._sources = sources
        self._compiled: dict[str, Query] = {}
        self._invalid_queries: set[str] = set()

    @property
    def query_names(self) -> tuple[str, ...]:
        """The names of its queries."""
        return tuple(self._sources)

    def parse(self, data: bytes, old_tree: Tree | None = None, spans: Sequence[Range] = ()) -> Tree:
        """The tree of `data`, or of what lies in `spans`; `old_tree` is an edited tree of what it was before."""
        parser = self._create_parser(spans)
        return parser.parse(data, old_tree) if old_tree else parser.parse(data)

    def parse_until(
        self, should_stop: StopCheck, data: bytes, old_tree: Tree | None = None, spans: Sequence[Range] = ()
    ) -> Tree | None:
        """The same, or None where `should_stop` says so before it is done."""
        parser = self._create_parser(spans)

        def read(offset: int, _: Point) -> bytes:
            return data[offset : offset + _READ_BYTES]

        def progress(_offset: int, _broken: bool) -> bool:
            return should_stop()

        try:
            return (
                parser.parse(read, old_tree, progress_callback=progress)
                if old_tree
                else parser.parse(read, progress_callback=progress)
            )
        except ValueError:  # what the binding makes of a parse that was stopped
            return None

    def _create_parser(self, spans: Sequence[Range]) -> Parser:
        # A new one each time: several threads parse, and one that was stopped would go on where it was.
        return Parser(self._language, included_ranges=list(spans))

    def get_query_source(self, name: str) -> str:
        """The text of `name`.scm; empty where there is none."""
        return self._sources.get(name, "")

    def get_query(self, name: str) -> Query:
        """The compiled query of `name`.scm. Raises tree_sitter.QueryError where it does not fit the grammar."""
        if name not in self._compiled:
            self._compiled[name] = Query(self._language, self.get_query_source(name))
        return self._compiled[name]

    def find_matches(
        self, name: str, node: Node, data: bytes, start: int, end: int, max_depth: int | None = None
    ) -> list[tuple[int, Captures]]:
        """The pattern's number and the captures of each match of `name`.scm below `node` that touches the bytes `start` to `end`.

        `data` is the text, `max_depth` limits how far below `node` a match may begin. A query that does not fit the grammar is
        logged and matches nothing. `(#set! NAME "REGEX")` in a query asks for the text of @NAME to match: tree-sitter's own
        predicates hold for any text once a tree has been edited.
        """
        if name not in self._sources or name in self._invalid_queries:
            return []
        try:
            query = self.get_query(name)
        except tree_sitter.QueryError as error:
            _log.warning("the %s query %s.scm does not fit its grammar: %s", self._name, name, error)
            self._invalid_queries.add(name)
            return []
        cursor = QueryCursor(query)
        cursor.set_byte_range(start, end)
        if max_depth is not None:
            cursor.set_max_start_depth(max_depth)
        matches = cursor.matches(node)
        return [(pattern, captures) for pattern, captures in matches if _satisfies(query.pattern_settings(pattern), captures, data)]


def _satisfies(conditions: Mapping[str, str | None], captures: Captures, data: bytes) -> bool:
    return all(
        re.fullmatch((pattern or "").encode(), data[node.start_byte : node.end_byte])
        for name, pattern in conditions.items()
        for node in captures.get(name, ())
    )


@cache
def load_grammar(folders: tuple[Path, ...], module: str, function: str) -> Grammar | None:
    """The grammar of the wheel `module`, with each query from the first folder that has it, the language's own before others.

    None where the wheel is missing or does not fit.
    """
    name = folders[0].name
    try:
        language = tree_sitter.Language(getattr(importlib.import_module(module), function)())
    except (ImportError, AttributeError, ValueError) as error:
        _log.warning("no grammar for %s, its files go on by indentation and brackets: %s", name, error)
        return None
    files = {path.stem: path for folder in reversed(folders) for path in sorted(folder.glob("*.scm"))}
    return Grammar(name, language, {stem: path.read_text(encoding="utf-8") for stem, path in files.items()})
