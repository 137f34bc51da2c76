"""The suggestion that `interfix demo` shows: the first good one of several holes, and what a keystroke costs."""

import re
import statistics
import time
from pathlib import Path

import msgspec

from interfix.completion.caching_suggester import Suggester
from interfix.completion.calibration_store import load_calibrations
from interfix.completion.completer import Completer
from interfix.completion.multiline_choice import SuggestionShape
from interfix.completion.suggestion import Suggestion
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.settings import CompletionSettings
from interfix.engine.protocol import Engine
from interfix.models.role_check import BaseModel
from interfix.syntax.document import Document, Snapshot

SAMPLE_NAME = "shop.py"
GOOD_PROBABILITY = 0.5
"""From here on a suggestion is more likely right than wrong."""
_KEYSTROKES = 3
_HOLE = re.compile("⟦(.*?)⟧")


class SampleHole(msgspec.Struct, frozen=True):
    """A place in the sample file where a piece of a line is missing."""

    snapshot: Snapshot
    offset: int
    """Byte offset of the hole."""
    missing_text: str
    """What its author wrote there."""


class DemoSuggestion(msgspec.Struct, frozen=True):
    """A suggestion at a hole, with the times it took; ms."""

    hole: SampleHole
    suggestion: Suggestion
    typed_text: str
    """What had to be typed before the model suggested anything; mostly nothing."""
    keystroke_ms: float
    """To compute the suggestion again after one more character."""
    typed_along_ms: float
    """To show the rest after half of it was typed by hand."""


def read_sample() -> Snapshot:
    """The sample file, whole."""
    return _make_snapshot(_HOLE.sub(r"\1", _read_marked_text()))


def read_holes() -> tuple[SampleHole, ...]:
    """The holes of the sample, in the order they are tried; in each, all others are filled in."""
    marked = _read_marked_text()
    holes = []
    for hole in _HOLE.finditer(marked):
        before, after = (_HOLE.sub(r"\1", text) for text in (marked[: hole.start()], marked[hole.end() :]))
        holes.append(SampleHole(_make_snapshot(before + after), len(before.encode()), hole[1]))
    return tuple(holes)


async def find_suggestion(engine: Engine, model: BaseModel, settings: CompletionSettings) -> DemoSuggestion | None:
    """The first suggestion that is probably right, else the likeliest; None where the model completes nothing at all.

    Where all holes stay empty, more and more of what their author wrote is typed. Raises what the engine raises.
    """
    completer = Completer(engine, settings, calibrations=load_calibrations())
    for share in (0.0, 0.4, 0.8):
        best: DemoSuggestion | None = None
        for hole in read_holes():
            typed = hole.missing_text[: round(share * len(hole.missing_text))]
            request = _make_request(model, hole, typed)
            suggestion = await completer.suggest(request)
            if not suggestion.text.strip():
                continue
            if best is None or suggestion.decision.confidence > best.suggestion.decision.confidence:
                best = DemoSuggestion(hole, suggestion, typed, 0.0, 0.0)
            if suggestion.decision.confidence >= GOOD_PROBABILITY:
                break
        if best is not None:
            return await _measure_keystrokes(engine, model, settings, best)
    return None


async def _measure_keystrokes(
    engine: Engine, model: BaseModel, settings: CompletionSettings, suggestion: DemoSuggestion
) -> DemoSuggestion:
    completer = Completer(engine, settings)
    text = suggestion.suggestion.text
    typed = [suggestion.typed_text + text[:count] for count in range(1, min(_KEYSTROKES, len(text)) + 1)]
    taken = [(await completer.suggest(_make_request(model, suggestion.hole, each))).ms for each in typed]
    suggester = Suggester(Completer(engine, settings), msgspec.structs.replace(settings, ahead=False))
    await suggester.suggest(_make_request(model, suggestion.hole, suggestion.typed_text))
    request = _make_request(model, suggestion.hole, suggestion.typed_text + text[: len(text) // 2])
    suggester.handle_edit(request.snapshot, ())
    began = time.perf_counter()
    await suggester.suggest(msgspec.structs.replace(request, automatic=True))
    typed_along_ms = (time.perf_counter() - began) * 1000
    suggester.close()
    return msgspec.structs.replace(suggestion, keystroke_ms=statistics.median(taken), typed_along_ms=typed_along_ms)


def _make_request(model: BaseModel, hole: SampleHole, typed: str) -> SuggestionRequest:
    snapshot = hole.snapshot.replace_range(hole.offset, hole.offset, typed) if typed else hole.snapshot
    return SuggestionRequest(model, snapshot, hole.offset + len(typed.encode()), shape=SuggestionShape.LINE)


def _read_marked_text() -> str:
    return Path(__file__).with_name("demo_sample.txt").read_text("utf-8")


def _make_snapshot(text: str) -> Snapshot:
    return Document(f"file:///{SAMPLE_NAME}", text, 0, "python").snapshot()
