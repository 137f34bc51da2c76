"""Every language's folder: its queries fit its grammar, and a sample shows what each of them captures."""

import tomllib
from pathlib import Path

import pytest
from msgspec.structs import replace

from interfix.syntax.document import Document, Snapshot
from interfix.syntax.languages import Language, languages

SAMPLES = Path(__file__).parent / "samples"
USED = {"scopes": {"scope", "name", "body"}, "imports": {"import", "callee"}, "blocks": {"open", "lead", "text"}}
USED["definitions"] = {"definition", "name"}
USED["modules"] = {"statement", "module", "path", "name", "relative", "within", "callee"}
ALL = sorted(languages(), key=lambda language: language.id)


def captured(language: Language, snapshot: Snapshot) -> dict[str, list[str]]:
    """By capture, `line: first line of its text`; a scope with its name."""
    grammar = language.load()
    assert grammar is not None
    assert snapshot.tree is not None
    found: dict[str, set[tuple[int, str]]] = {}
    for query in grammar.names:
        for captures in grammar.matches(query, snapshot.tree.root_node, snapshot.data, 0, len(snapshot.data)):
            for capture, nodes in captures.items():
                for node in nodes:
                    first = (node.text or b"").decode().split("\n")[0]
                    found.setdefault(f"{query}.{capture}", set()).add((node.start_byte, f"{node.start_point.row + 1}: {first}"))
    return {name: [text for _, text in sorted(places)] for name, places in sorted(found.items())}


@pytest.mark.parametrize("language", ALL, ids=lambda language: language.id)
def test_a_sample_shows_every_capture(language: Language) -> None:
    (sample,) = SAMPLES.glob(f"{language.id}.*[!l]")
    snapshot = Document(sample.as_uri(), sample.read_text(encoding="utf-8")).snapshot()
    assert snapshot.language == language
    assert snapshot.errors() == 0
    golden = tomllib.loads((SAMPLES / f"{language.id}.toml").read_text(encoding="utf-8"))
    assert captured(language, snapshot) == golden


@pytest.mark.parametrize("language", ALL, ids=lambda language: language.id)
def test_queries_fit_the_grammar_and_capture_nothing_nobody_uses(language: Language) -> None:
    grammar = language.load()
    assert grammar is not None
    assert {"scopes", "imports", "blocks"} <= set(grammar.names)
    for name in grammar.names:
        query = grammar.query(name)
        assert query.pattern_count > 0
        captures = {query.capture_name(i).split(".")[0] for i in range(query.capture_count)}
        assert captures <= USED[name]


def test_a_language_that_cannot_load_its_grammar_goes_on_without(caplog: pytest.LogCaptureFixture) -> None:
    python = languages().by_id("python")
    assert python is not None
    gone = replace(python, grammar=replace(python.grammar, module="tree_sitter_missing_here"))
    assert gone.load() is None
    assert "no grammar for python" in caplog.text
