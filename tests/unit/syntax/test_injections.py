"""Inside a part in another language everything goes by that language."""

import pytest

from interfix.syntax.document import Document, DocumentEdit, PositionEncoding
from interfix.syntax.enclosing_scopes import find_enclosing_scopes, find_scopes, is_in_empty_block
from interfix.syntax.injections import get_embedded_at

PAGE = "<html>\n<body>\n<p>One</p>\n{}\n</body>\n</html>\n"
SCRIPT = PAGE.format("<script>\nfunction f(x) {{\n  {}\n}}\n</script>\n<style>\n.a {{\n  color: red;\n}}\n</style>")
PHP = "<p>One\n<script>\nlet a = '<?php echo f(1); ?>';\nfunction g() {\n  ‸\n}\n</script>\n<?php\nfunction f($x) {\n}\n"

CASES = [
    (SCRIPT.format("‸"), "html", "javascript"),
    (SCRIPT.format("").replace("color", "‸color"), "html", "css"),
    (SCRIPT.format("").replace("One", "‸One"), "html", "html"),
    (PAGE.format('<script type="module">‸ </script>'), "html", "javascript"),
    (PAGE.format('<script type="text/typescript">‸ </script>'), "html", "typescript"),
    (PAGE.format('<script type="application/ld+json">‸ </script>'), "html", "json"),
    (PAGE.format('<script type="text/x-template">‸ </script>'), "html", "html"),
    (PHP, "php", "javascript"),
    (PHP.replace("‸", "").replace("One", "‸One"), "php", "html"),
    (PHP.replace("‸", "").replace("echo", "‸echo"), "php", "php"),
    ("def f(): ‸pass\n", "python", "python"),
]


@pytest.mark.parametrize(("text", "language", "inside"), CASES)
def test_the_language_at_the_cursor(parse_marked, text: str, language: str, inside: str) -> None:
    found = get_embedded_at(*parse_marked(text, language)).language
    assert found is not None
    assert found.id == inside


def test_scopes_and_blocks_are_those_of_the_script(parse_marked) -> None:
    snapshot, offset = parse_marked(SCRIPT.format("‸"), "html")
    assert [(scope.kind, scope.name) for scope in find_enclosing_scopes(snapshot, offset)] == [("function", "f")]
    assert is_in_empty_block(snapshot, offset)
    assert not is_in_empty_block(*parse_marked(SCRIPT.format("return x;\n  ‸"), "html"))
    assert [scope.name for scope in find_scopes(snapshot, 0, len(snapshot.data))] == ["html", "body", "f", ".a"]


def test_a_gap_is_no_part_of_the_text_around_it(parse_marked) -> None:
    snapshot, offset = parse_marked(PHP, "php")
    script = get_embedded_at(snapshot, offset)
    before, after = (snapshot.data[start:end].decode() for start, end in script.spans)
    assert before.endswith("let a = '")
    assert after.startswith("';")
    assert script.count_errors() == 0
    assert [scope.name for scope in find_enclosing_scopes(snapshot, offset)] == ["g"]


def test_a_part_follows_the_edits_of_its_document() -> None:
    document = Document("file:///a.html", SCRIPT.format(""))
    lines = document.snapshot().text[: document.snapshot().text.index("{\n") + 2].count("\n")
    for i, text in enumerate("if (x) {\n\n}\n"):
        before = get_embedded_at(document.snapshot(), document.snapshot().to_offset(lines, 0, PositionEncoding.UTF8))
        document.apply([DocumentEdit((lines, i), (lines, i), text)] if text != "\n" else [], i, PositionEncoding.UTF8)
        now = document.snapshot()
        script = get_embedded_at(now, now.to_offset(lines, 0, PositionEncoding.UTF8))
        fresh = get_embedded_at(Document("file:///a.html", now.text).snapshot(), script.spans[0][0])
        assert script.spans[0][1] - before.spans[0][1] == len(now.data) - len(before.data)
        assert script.version == i
        assert script.tree is not None
        assert fresh.tree is not None
        assert str(script.tree.root_node) == str(fresh.tree.root_node)
