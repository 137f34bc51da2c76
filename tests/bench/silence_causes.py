"""Why nothing was on the screen after a key: what editor and server said to each other beside what was seen, key by key."""

import json
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from interfix.bench.acceptance_policy import first_line_matches
from tests.bench.editor_document import KeyRecord
from tests.editors.lsp_proxy import WHY_PREFIX

DRAW_SECONDS = 0.3
"""An answer that came so long before the next key should have been seen, s."""


SLOW_SECONDS = 0.5
"""A request that has had no answer for so long is slow, s."""


class EditorCause(StrEnum):
    """Why nothing was shown, where the server did not decide it; else it is the reason of the server's decision."""

    NOT_ASKED = "not_asked"
    """The editor made no request for the place."""
    SUPERSEDED = "superseded"
    """The next key came before an answer."""
    SLOW = "slow"
    """The next key came before an answer, although it was long in coming."""
    TOO_LATE = "too_late"
    """A suggestion came, but hardly before the next key."""
    NOT_DRAWN = "not_drawn"
    """A suggestion came, and the editor did not draw it."""
    UNEXPLAINED = "unexplained"
    """The server answered with nothing, and was asked about another place before it told why."""


class GhostRequest(msgspec.Struct):
    """A request of an editor for ghost text, and what became of it."""

    path: str
    line: int
    character: int
    sent_at: float
    """When, s since 1970."""
    answered_at: float | None = None
    """When, s since 1970; None: never, or cancelled by the editor."""
    text: str = ""
    """What the answer would insert at the cursor; empty for none."""
    reason: str = ""
    """Why there is none, as the server has it; empty where that is not known."""
    said: str = ""
    """What the model said for the place, as far as is known."""


class SilentKey(msgspec.Struct, frozen=True):
    """A key after which nothing was shown."""

    key: KeyRecord
    cause: str
    """An `EditorCause` or the reason of the server's decision."""
    said: str
    """What the model said there, as far as is known."""

    @property
    def was_right(self) -> bool:
        """Whether the first line of that is what the typist is about to type."""
        return bool(self.said.strip()) and first_line_matches(self.said, self.key.remaining_text)


class Silence(msgspec.Struct, frozen=True):
    """Keys in a row after which nothing was shown."""

    keys: int
    """How many."""
    seconds: float
    """From the first of them to the key after the last, s."""
    cause: str = ""
    """Of the first."""
    place: str = ""
    """Of the first: file, line and column, from 1."""
    said: str = ""
    """What the model said there."""


def collect_requests(messages: Iterable[dict[str, Any]]) -> list[GhostRequest]:
    """What `lsp_proxy` has noted, as requests with their answers and decisions."""
    found: dict[str, GhostRequest] = {}
    requests = []
    for each in messages:
        message = each["message"]
        number = json.dumps(message.get("id"))
        if message.get("method") == "textDocument/inlineCompletion" and not each["server"]:
            position = message["params"]["position"]
            path = unquote(urlsplit(message["params"]["textDocument"]["uri"]).path)
            found[number] = GhostRequest(path, position["line"], position["character"], each["at"])
            requests.append(found[number])
        elif each["server"] and "method" not in message:
            if number in found and found[number].answered_at is None and "result" in message:
                _note_answer(found[number], each["at"], message.get("result"))
            elif str(message.get("id")).startswith(WHY_PREFIX):
                _note_decision(found.get(message["id"].removeprefix(WHY_PREFIX)), message.get("result"))
    return requests


def _note_answer(request: GhostRequest, at: float, result: Any) -> None:
    request.answered_at = at
    items = result.get("items", ()) if isinstance(result, dict) else result or ()
    if items:
        text, start = items[0]["insertText"], items[0].get("range", {}).get("start", {})
        # An item that begins with a completion list's entry replaces what was typed of it.
        request.text = text[request.character - start.get("character", request.character) :]
        request.said = request.text


def _note_decision(request: GhostRequest | None, result: Any) -> None:
    verdict = result.get("verdict") if isinstance(result, dict) else None
    if request is None or verdict is None or request.text:
        return
    if (verdict.get("line"), verdict.get("character")) == (request.line, request.character):
        request.reason = verdict["reason"]
        request.said = verdict["held_back"] or verdict["said"]


def find_silent_keys(keys: Sequence[KeyRecord], requests: Sequence[GhostRequest]) -> dict[int, SilentKey]:
    """By the number of the key: those after which nothing was shown, with the cause."""
    by_place: dict[tuple[str, int, int], list[GhostRequest]] = {}
    for request in requests:
        by_place.setdefault((request.path, request.line, request.character), []).append(request)
    silent = {}
    for number, key in enumerate(keys):
        if key.ghost_at is None:
            made = by_place.get((key.path, key.line, key.character), ())
            silent[number] = _judge_key(key, [each for each in made if key.at <= each.sent_at < key.end])
    return silent


def _judge_key(key: KeyRecord, made: Sequence[GhostRequest]) -> SilentKey:
    said = next((each.said for each in reversed(made) if each.said), "")
    in_time = [each for each in made if each.answered_at is not None and each.answered_at < key.end]
    with_text = [each for each in in_time if each.text]
    if not made:
        cause: str = EditorCause.NOT_ASKED
    elif any((each.answered_at or 0.0) < key.end - DRAW_SECONDS for each in with_text):
        cause = EditorCause.NOT_DRAWN
    elif with_text or any(each.text for each in made):
        cause = EditorCause.TOO_LATE
    elif made[-1] not in in_time:
        cause = EditorCause.SUPERSEDED if key.end - made[-1].sent_at < SLOW_SECONDS else EditorCause.SLOW
    else:
        cause = next((each.reason for each in reversed(in_time) if each.reason), EditorCause.UNEXPLAINED)
    return SilentKey(key, cause, said)


def find_silences(keys: Sequence[KeyRecord], silent: dict[int, SilentKey]) -> list[Silence]:
    """Keys in a row after which nothing was shown, within one file."""
    runs: list[list[SilentKey]] = []
    for number in sorted(silent):
        follows = runs and number - 1 in silent and keys[number - 1].path == keys[number].path
        if not follows:
            runs.append([])
        runs[-1].append(silent[number])
    return [_build_silence(run) for run in runs]


def find_right_silences(keys: Sequence[KeyRecord], silent: dict[int, SilentKey]) -> list[Silence]:
    """Keys in a row that typed what the model had said already, while nothing was shown.

    A run begins where the model was right to the end of the line, and ends with that line, or where something is shown.
    """
    runs: list[list[SilentKey]] = []
    end = 0
    for number, key in enumerate(keys):
        each = silent.get(number)
        is_going = bool(runs and runs[-1]) and key.path == runs[-1][-1].key.path
        if each is not None and key.aim_offset is not None and each.was_right:
            lead = len(each.said) - len(each.said.lstrip())
            reach = key.aim_offset + lead + len(each.said.lstrip().partition("\n")[0].rstrip())
            if is_going:
                end = max(end, reach)
            else:
                runs.append([])
                end, is_going = reach, True
        if is_going and each is not None and (key.aim_offset is None or key.aim_offset < end):
            runs[-1].append(each)
        elif runs and runs[-1]:
            runs.append([])
    return [_build_silence(run) for run in runs if run]


def _build_silence(run: Sequence[SilentKey]) -> Silence:
    first = run[0]
    place = f"{first.key.path}:{first.key.line + 1}:{first.key.character + 1}"
    return Silence(len(run), round(run[-1].key.end - first.key.at, 2), first.cause, place, first.said[:120])
