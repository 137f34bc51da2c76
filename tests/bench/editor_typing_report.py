"""The figures of typing in a real editor: what was shown, what it saved, and where there was silence."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.table import Table

from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.bench.typing_session import TypingStats
from interfix.output.console_output import Console, write_json
from interfix.stats.summary_text import format_share
from tests.bench.editor_document import KeyRecord
from tests.bench.silence_causes import (
    EditorCause,
    GhostRequest,
    Silence,
    SilentKey,
    find_right_silences,
    find_silences,
    find_silent_keys,
)

MAX_EXAMPLES = 20
"""So many places are told where an editor did not draw what it got."""


class CauseShare(msgspec.Struct, frozen=True):
    """What one cause of silence comes to."""

    keys: int
    """Keys after which nothing was shown because of it."""
    right: int
    """How many of them would have seen a right first line."""
    longest_right: Silence | None
    """The longest silence where the model was right that began with it."""


class EditorTypingReport(msgspec.Struct, frozen=True):
    """Figures of a whole run."""

    editor: str
    model: str
    seed: int
    folders: tuple[str, ...]
    places: int
    """Function bodies that were typed into, the last perhaps not to its end."""
    left_places: int
    """How many of them were left because the editor's text could not be mended."""
    seconds: float
    """Time of typing, s."""
    keystrokes: int
    """Keys that were really pressed."""
    mends: int
    """How many of them mended what the editor had made of others."""
    typed: TypingStats
    """What the typist saw."""
    shown_per_100: float
    """Suggestions shown per 100 keystrokes."""
    right_whole: float | None
    """The share of them that were right to their end; None where none was shown."""
    right_first_line: float | None
    """The share of them whose first line was right."""
    saved: float
    """The share of the characters that came from suggestions."""
    computed_ms: Percentiles
    """From a key to a suggestion that was not on the screen before, ms."""
    kept_ms: Percentiles
    """From a key to the rest of what was on the screen before it, ms."""
    silent_keys: int
    """Keys of the aim after which nothing was shown."""
    keys: int
    """Keys of the aim."""
    silences: int
    """Runs of them."""
    silence_keys: Percentiles
    """Lengths of those runs, keys."""
    silence_seconds: Percentiles
    """Lengths of those runs, s."""
    longest: Silence | None
    """The longest of them."""
    longest_right: Silence | None
    """The longest silence where the model was right."""
    causes: dict[str, CauseShare]
    """By the cause, the most frequent first."""
    not_drawn: tuple[Silence, ...]
    """Where an editor got a suggestion and did not draw it."""
    failure: str = ""
    """What ended the run early; empty where its time did."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        console = Console(stderr=True)
        title = f"{self.model} in {self.editor}: {self.places} places, {self.seconds:.0f} s"
        table = Table(title=title, title_justify="left", show_header=False)
        for name, value in self._list_rows():
            table.add_row(name, value)
        console.print(table)
        causes = Table("why nothing was shown", "keys", "model right", "longest while right")
        for cause, share in self.causes.items():
            longest = _describe_silence(share.longest_right)
            causes.add_row(cause.replace("_", " "), str(share.keys), str(share.right), longest)
        console.print(causes)
        for each in self.not_drawn:
            console.print(f"not drawn at {each.place}: {each.said!r}")
        if self.failure:
            console.print(f"It ended early: {self.failure}")
        write_json(self)

    def _list_rows(self) -> Sequence[tuple[str, str]]:
        taken = ", ".join(f"{count} by {how}" for how, count in self.typed.taken.items()) or "none"
        silent = self.silent_keys / max(1, self.keys)
        return (
            ("keystrokes", f"{self.keystrokes:,}, of which {self.mends} mended what the editor did"),
            ("shown per 100 keystrokes", f"{self.shown_per_100:.1f} ({self.typed.shown} suggestions)"),
            ("right", f"{format_share(self.right_whole)} whole, {format_share(self.right_first_line)} in their first line"),
            ("characters saved", f"{format_share(self.saved)} of {self.typed.characters:,}"),
            ("taken", taken),
            ("key to new ghost text", f"p50 {self.computed_ms.p50:.0f} ms, p95 {self.computed_ms.p95:.0f} ms"),
            ("key to the rest of it", f"p50 {self.kept_ms.p50:.0f} ms, p95 {self.kept_ms.p95:.0f} ms"),
            ("nothing shown", f"after {format_share(silent)} of {self.keys:,} keys, in {self.silences} runs"),
            ("length of a run", f"p50 {self.silence_keys.p50:.0f} keys, p95 {self.silence_keys.p95:.0f}"),
            ("longest run", _describe_silence(self.longest)),
            ("longest where the model was right", _describe_silence(self.longest_right)),
            ("places left", str(self.left_places)),
        )


class TypingOutcome(msgspec.Struct):
    """What has been typed so far, and who is typing what."""

    editor: str = ""
    places: int = 0
    left_places: int = 0
    seconds: float = 0.0
    keystrokes: int = 0
    mends: int = 0
    keys: list[KeyRecord] = []
    stats: list[TypingStats] = []
    failure: str = ""
    record: Path | None = None
    """Where pictures are kept, if anywhere."""


def build_editor_report(
    outcome: TypingOutcome, typed: TypingStats, requests: Sequence[GhostRequest], about: tuple[str, int, tuple[str, ...]]
) -> EditorTypingReport:
    """The figures; `about` is the model, the seed and the folders."""
    model, seed, folders = about
    keys = [key for key in outcome.keys if key.end]
    silent = find_silent_keys(keys, requests)
    runs, right = find_silences(keys, silent), find_right_silences(keys, silent)
    seen = [key for key in keys if key.ghost_at is not None]
    times = {kept: [((key.ghost_at or 0) - key.at) * 1000 for key in seen if key.was_at_hand is kept] for kept in (False, True)}
    return EditorTypingReport(
        editor=outcome.editor,
        model=model,
        seed=seed,
        folders=folders,
        places=outcome.places,
        left_places=outcome.left_places,
        seconds=round(outcome.seconds, 1),
        keystrokes=outcome.keystrokes,
        mends=outcome.mends,
        typed=typed,
        shown_per_100=round(100 * typed.shown / max(1, outcome.keystrokes), 2),
        right_whole=round(typed.right_whole / typed.shown, 4) if typed.shown else None,
        right_first_line=round(typed.right / typed.shown, 4) if typed.shown else None,
        saved=round(typed.suggested / max(1, typed.characters), 4),
        computed_ms=compute_percentiles(times[False]),
        kept_ms=compute_percentiles(times[True]),
        silent_keys=len(silent),
        keys=len(keys),
        silences=len(runs),
        silence_keys=compute_percentiles([run.keys for run in runs]),
        silence_seconds=compute_percentiles([run.seconds for run in runs]),
        longest=_find_longest(runs),
        longest_right=_find_longest(right),
        causes=_count_causes(list(silent.values()), right),
        not_drawn=_list_not_drawn(list(silent.values())),
        failure=outcome.failure,
    )


def _count_causes(silent: Sequence[SilentKey], right: Sequence[Silence]) -> dict[str, CauseShare]:
    causes: dict[str, list[SilentKey]] = {}
    for each in silent:
        causes.setdefault(each.cause, []).append(each)
    return {
        cause: CauseShare(
            len(each), sum(key.was_right for key in each), _find_longest([run for run in right if run.cause == cause])
        )
        for cause, each in sorted(causes.items(), key=lambda item: -len(item[1]))
    }


def _list_not_drawn(silent: Sequence[SilentKey]) -> tuple[Silence, ...]:
    found = [each for each in silent if each.cause == EditorCause.NOT_DRAWN]
    return tuple(
        Silence(1, round(each.key.end - each.key.at, 2), each.cause, f"{each.key.path}:{each.key.line + 1}", each.said[:120])
        for each in found[:MAX_EXAMPLES]
    )


def _find_longest(runs: Sequence[Silence]) -> Silence | None:
    return max(runs, key=lambda run: run.seconds, default=None)


def _describe_silence(silence: Silence | None) -> str:
    return "none" if silence is None else f"{silence.seconds:.1f} s, {silence.keys} keys, {silence.cause.replace('_', ' ')}"
