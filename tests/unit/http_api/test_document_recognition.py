"""A document is found again by its text, whatever window of it a client sends."""

from itertools import pairwise
from pathlib import Path

import pytest

from interfix.http_api.document_recognition import FIRST_LINE, MAX_DOCUMENTS, DocumentMatcher

HERE = Path(__file__)
FILES = [path.read_text("utf-8") for path in sorted((HERE.parents[3] / "server/interfix/completion").glob("*.py"))]
LONG = [text for text in FILES if text.count("\n") > 120]


def window(text: str, at: int, above: int = 256, below: int = 64) -> tuple[str, str]:
    """What llama.vim shows of a text at an offset: so many lines before and after the cursor's."""
    before, after = text[:at].split("\n"), text[at:].split("\n")
    return "\n".join(before[-above - 1 :]), "\n".join(after[: below + 1])


def shown_prefix(matcher: DocumentMatcher, prefix: str, suffix: str) -> str:
    """What of a prefix is shown."""
    place = matcher.match(prefix, suffix)
    return prefix[: place.preamble_end] + prefix[place.start :]


def test_typing_stays_in_one_document_and_keeps_its_lines() -> None:
    matcher = DocumentMatcher()
    text = LONG[0]
    start = len(text) // 2
    places = [matcher.match(*window(text, at)) for at in range(start, start + 400, 3)]
    assert len({place.document for place in places}) == 1
    assert {place.first_line for place in places} == {FIRST_LINE}


def test_a_window_that_moves_keeps_its_head_for_some_lines() -> None:
    matcher = DocumentMatcher()
    text = LONG[0]
    start = len(text) // 2
    offsets = [at for at in range(start, len(text) - 200) if text[at - 1] == "\n"][:32]
    heads = [shown_prefix(matcher, *window(text, at, above=48, below=16)).split("\n")[0] for at in offsets]
    changes = sum(one != other for one, other in pairwise(heads))
    assert changes <= len(offsets) // 4 + 1, "a line decoded anew costs the whole prompt"


def test_what_is_left_out_of_a_window_is_its_head_and_little() -> None:
    matcher = DocumentMatcher()
    text = LONG[0]
    start = len(text) // 2
    for at in range(start, len(text) - 200, 7):
        prefix, suffix = window(text, at, above=48, below=16)
        shown = shown_prefix(matcher, prefix, suffix)
        assert prefix.endswith(shown)
        assert len(shown.split("\n")) >= len(prefix.split("\n")) * 0.85


@pytest.mark.parametrize("preamble", ["", "# language: python\n# indentation: use 4 spaces for a tab\n"])
def test_a_window_of_so_many_characters_begins_at_a_line(preamble: str) -> None:
    matcher = DocumentMatcher()
    text = LONG[0]
    start = len(text) // 2
    heads = []
    for at in range(start, start + 120):
        prefix = text[at - 1200 : at]
        shown = shown_prefix(matcher, preamble + prefix, text[at : at + 400])
        assert shown.startswith(preamble)
        assert prefix.endswith(shown.removeprefix(preamble))
        heads.append(shown.removeprefix(preamble).split("\n")[0])
    assert len(set(heads[5:])) <= 4


def test_jumping_between_files_keeps_both() -> None:
    matcher = DocumentMatcher()
    one, other = LONG[0], LONG[1]
    names: dict[str, set[str]] = {"one": set(), "other": set()}
    for step in range(40):
        at = 2500 + step
        names["one"].add(matcher.match(*window(one, at)).document)
        names["other"].add(matcher.match(*window(other, at)).document)
    assert len(names["one"]) == len(names["other"]) == 1
    assert names["one"] != names["other"]


def test_every_file_of_a_folder_is_a_document_of_its_own() -> None:
    matcher = DocumentMatcher()
    texts = FILES[:MAX_DOCUMENTS]
    first = [matcher.match(*window(text, len(text) // 2)).document for text in texts]
    again = [matcher.match(*window(text, len(text) // 2 + 1)).document for text in texts]
    assert first == again
    assert len(set(first)) == len(texts)


def test_a_copy_that_was_changed_is_another_document() -> None:
    matcher = DocumentMatcher()
    text = LONG[0]
    copy = text.replace("request", "question")
    at = len(text) // 2
    one = matcher.match(*window(text, at)).document
    assert matcher.match(*window(copy, at)).document != one
    assert matcher.match(*window(text, at + 1)).document == one


def test_an_accepted_suggestion_does_not_make_another_document() -> None:
    matcher = DocumentMatcher()
    lines = LONG[0].split("\n")
    before, block, after = lines[:20], lines[20:45], lines[45:60]
    prefix, suffix = "\n".join(before) + "\n", "\n" + "\n".join(after)
    document = matcher.match(prefix, suffix).document
    matcher.expect(document, "\n".join(block))
    assert matcher.match(prefix + "\n".join(block) + "\n", suffix).document == document


def test_a_file_that_begins_to_be_written_is_one_document() -> None:
    matcher = DocumentMatcher()
    text = LONG[0][:600]
    assert len({matcher.match(text[:at], "").document for at in range(1, 600)}) == 1


def test_only_the_last_documents_are_remembered() -> None:
    matcher = DocumentMatcher()
    for number in range(200):
        matcher.match(f"only file {number} says this\n" * 3, "")
    assert len(matcher._seen) == MAX_DOCUMENTS
