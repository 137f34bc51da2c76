"""What of a file is shown to the model, and that typing does not move it."""

import logging
from itertools import pairwise
from pathlib import Path

import pytest

from interfix.context import prompt_segment_ranks
from interfix.context import window_segments as module
from interfix.context.window_bounds import PREFIX_BYTES, SUFFIX_BYTES
from interfix.context.window_segments import ADJACENT_LINES, build_plain_window, build_window
from interfix.inference_types import Segment, SegmentKind
from interfix.syntax.document import Document, Snapshot

SMALL = "import os\n\n\nclass A:\n    def f(self):\n        return ‸\n\n\ndef g():\n    pass\n"
METHOD = '    def method_{0}(self, a, b={0}):\n        """Doc {0}."""\n        x = a + b * {0}\n        return x\n\n'


def make_long_file(cursor: str = "        return ‸\n") -> str:
    head = '"""A module."""\n\nimport os\nfrom typing import (\n    Any,\n)\n\nLIMIT = 1\n\n\n'
    head += '@register\nclass A(Base):\n    """Many methods."""\n\n'
    last = "    @property\n    def last(\n        self,\n    ) -> int:\n" + "        y = 1\n" * 60 + cursor
    tail = "\n" + METHOD.format("after") + "\n\ndef g():\n    pass\n"
    return head + "".join(METHOD.format(i) for i in range(300)) + last + tail


def build_segments(text: str, name: str = "/ws/pkg/a.py", root: Path | None = Path("/ws")) -> tuple[Segment, ...]:
    before, after = text.split("‸")
    snapshot = Document(Path(name).as_uri(), before + after).snapshot()
    segments = build_window(snapshot, len(before.encode()), root)
    assert_complete(snapshot, segments, before, after)
    return segments


def assert_complete(snapshot: Snapshot, segments: tuple[Segment, ...], before: str, after: str) -> None:
    """What holds for every window: the file's own text in its order, nothing twice, up to the cursor and on from it."""
    prefix = [segment for segment in segments if segment.kind is SegmentKind.PREFIX]
    place = 0
    for piece in prefix:
        start = len(snapshot.data[: snapshot.lines.find_start(piece.line)].decode())
        if piece is prefix[-1]:
            start = len(before) - len(piece.text)
        assert start >= place
        assert before.startswith(piece.text, start)
        place = start + len(piece.text)
    assert place == len(before)
    assert (prefix[-1].source, prefix[-1].rank) == ("near", 0)
    suffix = [segment for segment in segments if segment.kind is SegmentKind.SUFFIX]
    assert after.startswith("".join(segment.text for segment in suffix))
    assert (suffix[0].source, suffix[0].rank) == ("suffix", 0)
    assert segments[-len(suffix) :] == tuple(suffix)


def brief_texts(segments: tuple[Segment, ...]) -> list[tuple[str, int, str]]:
    return [(segment.source, segment.rank, segment.text.split("\n")[0]) for segment in segments]


def test_a_small_file_is_shown_whole() -> None:
    before, after = SMALL.split("‸")
    assert [(s.kind, s.rank, s.text, s.path, s.line) for s in build_segments(SMALL)] == [
        (SegmentKind.REPOSITORY, prompt_segment_ranks.REPOSITORY, "ws", "", 0),
        (SegmentKind.PREFIX, 0, before, "pkg/a.py", 0),
        (SegmentKind.SUFFIX, 0, after, "pkg/a.py", 5),
    ]


@pytest.mark.parametrize(
    ("root", "path"), [(Path("/ws"), "pkg/a.py"), (Path("/ws/pkg"), "a.py"), (None, "a.py"), (Path("/elsewhere"), "a.py")]
)
def test_every_piece_carries_the_path_below_the_root(root: Path | None, path: str) -> None:
    assert {
        segment.path for segment in build_segments(make_long_file(), root=root) if segment.kind is not SegmentKind.REPOSITORY
    } == {path}


def test_without_a_root_there_is_no_repository() -> None:
    assert build_segments(SMALL, root=None)[0].kind is SegmentKind.PREFIX


def test_far_from_the_top_imports_and_headers_are_still_seen() -> None:
    segments = build_segments(make_long_file())
    assert brief_texts(segments)[1:3] == [
        ("imports", prompt_segment_ranks.IMPORTS, "import os"),
        ("scope", prompt_segment_ranks.SCOPE, "@register"),
    ]
    assert segments[1].text == "import os\nfrom typing import (\n    Any,\n)\n"
    assert segments[2].text.startswith('@register\nclass A(Base):\n    """Many methods."""\n')
    inner = [segment for segment in segments if segment.source == "scope"][-1]
    assert inner.text == "    @property\n    def last(\n        self,\n    ) -> int:\n"
    assert sum(len(segment.text) for segment in segments if segment.source in ("near", "far", "outline")) <= PREFIX_BYTES


def test_a_long_docstring_is_left_out_rather_than_cut_open() -> None:
    doc = '    """First line.\n\n' + "    More and more.\n" * 30 + '    """\n'
    text = make_long_file().replace('    """Many methods."""\n', doc)
    (outer, _) = [segment for segment in build_segments(text) if segment.source == "scope"]
    assert outer.text.rstrip() == "@register\nclass A(Base):"


@pytest.mark.slow
def test_typing_moves_the_window_by_steps_only() -> None:
    """Line after line is typed; the window's beginning changes at most once in a step, and the rest of the prompt is the same."""
    starts = []
    for typed in range(64):
        segments = build_segments(make_long_file("        y = 1\n" * typed + "        return ‸\n"))
        starts.append([(s.line, s.text) for s in segments if s.kind is SegmentKind.PREFIX][2][0])
    moves = [i for i in range(1, 64) if starts[i] != starts[i - 1]]
    assert 1 <= len(moves) <= 3
    assert all(later - earlier >= 16 for earlier, later in pairwise(moves))


def test_typing_within_a_line_keeps_every_piece_but_the_last() -> None:
    one, two = build_segments(make_long_file("        return ‸\n")), build_segments(make_long_file("        return value‸\n"))
    assert one[:-2] == two[:-2]
    assert two[-2].text == one[-2].text + "value"


def test_no_piece_begins_with_a_blank_line() -> None:
    pieces = [segment for segment in build_segments(make_long_file()) if segment.kind is SegmentKind.PREFIX]
    assert all(piece.text.split("\n")[0].strip() for piece in pieces)


def test_the_suffix_ends_shortly_behind_the_outermost_scope() -> None:
    text = "def f():\n" + "    x = 1\n" * 50 + "    ‸\n" + "    y = 2\n" * 60 + "\n\n" + "z = 3\n" * 200
    suffix = "".join(segment.text for segment in build_segments(text) if segment.kind is SegmentKind.SUFFIX)
    assert suffix.count("y = 2\n") == 60
    assert 0 < suffix.count("z = 3\n") <= 10


def test_other_definitions_have_their_signatures_for_a_brief_form() -> None:
    segments = build_segments(make_long_file())
    methods = [segment for segment in segments if segment.source == "outline" and segment.kind is SegmentKind.PREFIX]
    assert methods[-1].text == METHOD.format(299)
    assert methods[-1].brief == '    def method_299(self, a, b=299):\n        """Doc 299."""\n        ...\n'
    adjacent = [method for method in methods if method.rank < prompt_segment_ranks.SIGNATURES]
    assert adjacent == methods[-len(adjacent) :], "the code that goes on from the nearest is whole before any signature"
    assert 2 <= len(adjacent) <= ADJACENT_LINES[SegmentKind.PREFIX] // METHOD.count("\n") + 1
    assert all(method.brief_rank < method.rank for method in methods[: -len(adjacent)])
    below = "\n" + METHOD.format("below") + "\n\ndef g():\n    pass\n"
    segments = build_segments("class A:\n    def f(self):\n        ‸\n" + "        y = 1\n" * 20 + below)
    after = [segment for segment in segments if segment.source == "outline" and segment.kind is SegmentKind.SUFFIX]
    assert [segment.text.split("\n")[0].strip() for segment in after] == ["def method_below(self, a, b=below):", "def g():"]


def test_the_nearer_a_definition_the_sooner_it_is_whole() -> None:
    pieces = [segment for segment in build_segments(make_long_file()) if segment.source in ("outline", "far")]
    before = [segment.rank for segment in pieces if segment.kind is SegmentKind.PREFIX]
    assert before == sorted(before, reverse=True)
    after = [segment.rank for segment in pieces if segment.kind is SegmentKind.SUFFIX]
    assert after == sorted(after)


def test_a_plain_window_knows_lines_only() -> None:
    text = "".join(f"before {i}\n" for i in range(400)) + "‸" + "".join(f"after {i}\n" for i in range(400))
    before, after = text.split("‸")
    snapshot = Document("file:///ws/a.txt", before + after).snapshot()
    prefix, suffix = build_plain_window(snapshot, len(before))
    assert prefix.text.split("\n")[0] == "before 144"
    assert prefix.text.endswith("before 399\n")
    assert (suffix.text.split("\n")[0], suffix.text.split("\n")[-2]) == ("after 0", "after 64")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_huge_lines_and_files_are_cut_between_characters(newline: str) -> None:
    row = "é😋" * 5000
    lines = newline.join(["é" * 70] * 900) + "‸" + f"é😋{newline}" * 9000
    for text in (f"{row}‸{row}", f"x{newline}{row}{newline}‸{newline}{row}", lines):
        segments = build_segments(text, "/ws/a.txt")
        assert sum(len(s.text.encode()) for s in segments if s.kind is SegmentKind.PREFIX) <= PREFIX_BYTES
        assert len(segments[-1].text.encode()) <= SUFFIX_BYTES
        assert not segments[-1].text.endswith("\r" if newline == "\r\n" else "\0")


@pytest.mark.parametrize("text", ["‸", "x = 1\n‸", "‸x = 1\n"])
def test_at_the_edges_there_is_always_a_prefix_and_a_suffix(text: str) -> None:
    assert [segment.kind for segment in build_segments(text)][1:] == [SegmentKind.PREFIX, SegmentKind.SUFFIX]


def test_a_lone_surrogate_is_shown_as_a_replacement() -> None:
    snapshot = Document("file:///ws/a.py", "x = '\ud83d'\n").snapshot()
    text = "".join(segment.text for segment in build_window(snapshot, len(snapshot.data)))
    assert text.encode().decode() == text
    assert "\ufffd" in text


def test_a_source_that_fails_is_named_and_left_out(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret source text")

    monkeypatch.setattr(module, "find_import_ranges", broken)
    with caplog.at_level(logging.WARNING):
        segments = build_segments(make_long_file())
    assert [segment for segment in segments if segment.source == "imports"] == []
    assert "imports failed" in caplog.text
    assert "secret" not in caplog.text


def test_other_languages_show_their_imports_and_headers() -> None:
    body = "".join(f"  method{i}() {{\n    return {i};\n  }}\n\n" for i in range(400))
    text = f'import a from "a";\n\nexport class A extends B {{\n{body}  last() {{\n    return ‸\n  }}\n}}\n'
    segments = build_segments(text, "/ws/a.js")
    assert brief_texts(segments)[1:3] == [
        ("imports", prompt_segment_ranks.IMPORTS, 'import a from "a";'),
        ("scope", prompt_segment_ranks.SCOPE, "export class A extends B {"),
    ]
