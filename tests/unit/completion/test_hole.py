"""In a script of a page the rules of JavaScript hold, not those of HTML."""

from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import SuggestionShape
from interfix.syntax.document import Document


def hole(marked: str) -> InfillHole:
    before, after = marked.split("‸")
    snapshot = Document("file:///page.html", before + after, 1, "html").snapshot()
    return InfillHole.from_cursor(snapshot, len(before.encode()), SuggestionShape.AUTO, explicit=True)


def test_errors_are_those_of_the_script() -> None:
    script = hole("<p>é</p>\n<script>\nfunction add(a, b) {\n  return ‸\n}\n</script>\n")
    assert script.language_id == "javascript"
    assert [script.count_errors(text) for text in ("", "a + b;", "a + ;", ") }")] == [0, 0, 1, 1]


def test_an_empty_block_of_a_script_begins_a_block() -> None:
    assert hole("<script>\nfunction add(a, b) {\n  ‸\n}\n</script>\n").shape is SuggestionShape.BLOCK


def test_outside_it_is_html_and_the_document_is_whole() -> None:
    page = hole("<p>‸</p>\n<script>\nf();\n</script>\n")
    assert page.language_id == "html"
    assert page.document_snapshot is page.snapshot
