"""Why nothing was shown after a key, from what was seen and what editor and server said. About `tests/bench/silence_causes.py`."""

from typing import Any

import pytest

from tests.bench.editor_document import KeyRecord
from tests.bench.silence_causes import EditorCause, collect_requests, find_right_silences, find_silences, find_silent_keys

AIM = "value = first + second"


def press(offset: int | None, *, shown: bool = False, path: str = "/w/a.py") -> KeyRecord:
    """A key at each whole second: it puts in the character before `offset`."""
    at = float(offset if offset is not None else 0)
    rest = "" if offset is None else AIM[offset:]
    return KeyRecord(path, at, offset, 0, int(at), rest, "x" if shown else "", at + 0.1 if shown else None, end=at + 1)


def request(number: int, character: int, sent_at: float) -> dict[str, Any]:
    params = {"textDocument": {"uri": "file:///w/a.py"}, "position": {"line": 0, "character": character}}
    return {"at": sent_at, "server": False, "message": {"id": number, "method": "textDocument/inlineCompletion", "params": params}}


def answer(number: int, at: float, *items: dict[str, Any]) -> dict[str, Any]:
    return {"at": at, "server": True, "message": {"id": number, "result": {"items": list(items)}}}


def decide(number: int, character: int, reason: str, said: str) -> dict[str, Any]:
    verdict = {"line": 0, "character": character, "reason": reason, "said": said, "held_back": ""}
    return {"at": 0.0, "server": True, "message": {"id": f"why:{number}", "result": {"verdict": verdict}}}


CANCELLED = {"at": 3.2, "server": True, "message": {"id": 1, "error": {"code": -32800, "message": "cancelled"}}}
CASES = {
    EditorCause.NOT_ASKED: [],
    EditorCause.SUPERSEDED: [request(1, 3, 3.6), answer(1, 4.2)],
    EditorCause.SLOW: [request(1, 3, 3.1), answer(1, 4.2)],
    "superseded ": [request(1, 3, 3.6), CANCELLED, answer(2, 3.8)],
    EditorCause.TOO_LATE: [request(1, 3, 3.1), answer(1, 3.95, {"insertText": "ue"})],
    EditorCause.NOT_DRAWN: [request(1, 3, 3.1), answer(1, 3.3, {"insertText": "ue"})],
    EditorCause.UNEXPLAINED: [request(1, 3, 3.1), answer(1, 3.3), decide(1, 9, "unsure", "ue")],
    "unsure": [request(1, 3, 3.1), answer(1, 3.3), decide(1, 3, "unsure", "ue")],
}


@pytest.mark.parametrize("cause", CASES)
def test_each_silence_has_its_cause(cause: str) -> None:
    silent = find_silent_keys([press(3)], collect_requests(CASES[cause]))
    assert silent[0].cause == cause.strip()


def test_an_item_with_the_lists_entry_is_told_without_what_was_typed_of_it() -> None:
    item = {"insertText": "value = 1", "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 3}}}
    [made] = collect_requests([request(1, 3, 3.1), answer(1, 3.3, item)])
    assert (made.text, made.said) == ("ue = 1", "ue = 1")


def test_silences_end_where_something_is_shown_and_with_the_file() -> None:
    keys = [press(1), press(2), press(3, shown=True), press(4), press(5, path="/w/b.py")]
    runs = find_silences(keys, find_silent_keys(keys, []))
    assert [(run.keys, run.seconds) for run in runs] == [(2, 2.0), (1, 1.0), (1, 1.0)]


def test_a_right_silence_lasts_while_what_the_model_said_is_typed() -> None:
    right = [request(1, 3, 3.1), answer(1, 3.3), decide(1, 3, "unsure", AIM[3:] + "\nmore")]
    keys = [press(offset) for offset in range(1, len(AIM) + 1)]
    [run] = find_right_silences(keys, find_silent_keys(keys, collect_requests(right)))
    assert run.keys == len(AIM) - 3
    assert (run.cause, run.place) == ("unsure", "/w/a.py:1:4")


def test_a_right_silence_ends_where_something_is_shown_and_a_wrong_one_is_none() -> None:
    messages = [request(1, 3, 3.1), answer(1, 3.3), decide(1, 3, "unsure", AIM[3:])]
    keys = [press(3), press(4), press(5, shown=True), press(6)]
    [run] = find_right_silences(keys, find_silent_keys(keys, collect_requests(messages)))
    assert run.keys == 2
    wrong = [request(1, 3, 3.1), answer(1, 3.3), decide(1, 3, "unsure", "ue = other")]
    assert find_right_silences(keys, find_silent_keys(keys, collect_requests(wrong))) == []
