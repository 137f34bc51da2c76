"""Checks the folder of a language: its queries fit its grammar, and its example contains all they capture."""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import tree_sitter

from interfix.syntax.document import Document, Snapshot
from interfix.syntax.grammar import Captures, Grammar
from interfix.syntax.languages import Language, load_languages
from interfix.syntax.query_matches import CAPTURES
from interfix.system.file_writer import write_file

_CAPTURES_FILE = "captures.toml"
_REQUIRED_QUERIES = ("scopes", "definitions", "blocks", "comments")


def find_problems(language: Language) -> Iterator[str]:
    """A sentence for each thing that is wrong with a language."""
    grammar = language.load_grammar()
    if grammar is None:
        yield f"its grammar, {language.grammar.module}, cannot be loaded"
        return
    yield from (
        f"{name}.scm is read by nobody; there are {', '.join(CAPTURES)}" for name in grammar.query_names if name not in CAPTURES
    )
    yield from (f"{name}.scm is missing" for name in _REQUIRED_QUERIES if name not in grammar.query_names)
    broken = [
        f"{name}.scm does not fit its grammar: {fault}"
        for name in grammar.query_names
        if (fault := _find_query_error(grammar, name))
    ]
    if broken:
        yield from broken
        return
    for name in grammar.query_names:
        yield from (
            f"{name}.scm captures @{capture}, which nobody uses" for capture in sorted(_find_unused_captures(grammar, name))
        )
    snapshot = load_example(language)
    if snapshot is None:
        yield "it needs one example.* that shows every capture"
        return
    named_language = load_languages().find_by_path(snapshot.path)
    if named_language is None or named_language.id != language.id:
        yield f"{Path(snapshot.path).name} is taken for {named_language.name if named_language else 'no language'}"
    if snapshot.count_errors():
        yield f"{Path(snapshot.path).name} does not parse: {snapshot.count_errors()} errors"
    captures = collect_captures(language, snapshot)
    for name in grammar.query_names:
        if not (language.folder / f"{name}.scm").exists():
            continue  # borrowed: what it captures is shown by the example of the language that has it
        query = grammar.get_query(name)
        matched_patterns = {pattern for pattern, _ in _find_matches(grammar, name, snapshot)}
        lines = [
            grammar.get_query_source(name).count("\n", 0, query.start_byte_for_pattern(i)) + 1 for i in range(query.pattern_count)
        ]
        yield from (f"no example for line {line} of {name}.scm" for i, line in enumerate(lines) if i not in matched_patterns)
        unseen = {query.capture_name(i) for i in range(query.capture_count)} - {key.split(".", 1)[1] for key in captures}
        yield from (f"no example for @{capture} of {name}.scm" for capture in sorted(unseen))
    if captures != _read_captures(language):
        yield f"{_CAPTURES_FILE} is not what its queries capture; look at what --write makes of it"


def load_example(language: Language) -> Snapshot | None:
    """The file that shows what the queries of a language capture."""
    files = sorted(language.folder.glob("example.*"))
    if len(files) != 1:
        return None
    return replace(Document(files[0].as_uri(), files[0].read_text(encoding="utf-8")).snapshot(), language=language)


def collect_captures(language: Language, snapshot: Snapshot) -> dict[str, list[str]]:
    """By query and capture, `line: first line of its text` of all that the queries of a language find in a text."""
    grammar = language.load_grammar()
    captures: dict[str, set[tuple[int, str]]] = {}
    if grammar is None:
        return {}
    for query in grammar.query_names:
        for _, each in _find_matches(grammar, query, snapshot):
            for capture, nodes in each.items():
                for node in nodes:
                    text = snapshot.data[node.start_byte : node.end_byte].decode("utf-8", "replace")
                    location = node.start_byte, f"{node.start_point.row + 1}: {text.split(chr(10))[0]}"
                    captures.setdefault(f"{query}.{capture}", set()).add(location)
    return {name: [text for _, text in sorted(places)] for name, places in sorted(captures.items())}


def write_captures(language: Language) -> None:
    """Write down what the queries of a language capture in its example, so that a change of theirs is seen."""
    snapshot = load_example(language)
    if snapshot is not None:
        head = f"# What the queries capture in {Path(snapshot.path).name}. Written by: interfix grammars check --write\n"
        body = "\n".join(
            f"{_quote(name)} = [\n{_format_list(texts)}]\n" for name, texts in collect_captures(language, snapshot).items()
        )
        write_file(language.folder / _CAPTURES_FILE, (head + body).encode(), language.folder)


def _read_captures(language: Language) -> dict[str, list[str]] | None:
    file = language.folder / _CAPTURES_FILE
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def _find_query_error(grammar: Grammar, name: str) -> str:
    try:
        query = grammar.get_query(name)
    except tree_sitter.QueryError as error:
        return str(error)
    return "" if query.pattern_count else "it has no pattern"


def _find_unused_captures(grammar: Grammar, name: str) -> set[str]:
    """The captures that neither the code nor a condition reads."""
    query = grammar.get_query(name)
    conditions = {key for pattern in range(query.pattern_count) for key in query.pattern_settings(pattern)}
    capture_names = {query.capture_name(i) for i in range(query.capture_count)}
    return {capture for capture in capture_names if capture.split(".")[0] not in CAPTURES.get(name, ())} - conditions


def _find_matches(grammar: Grammar, name: str, snapshot: Snapshot) -> list[tuple[int, Captures]]:
    return grammar.find_matches(name, snapshot.tree.root_node, snapshot.data, 0, len(snapshot.data)) if snapshot.tree else []


def _quote(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _format_list(texts: list[str]) -> str:
    return "".join(f"    {_quote(text)},\n" for text in texts)
