"""Typing into an editor that indents, closes brackets and opens lists by itself. About `tests/bench/editor_document.py`."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from interfix.bench.acceptance_policy import AcceptedPart, AcceptGranularity
from interfix.bench.typing_sites import TypingSite
from tests.bench import editor_document
from tests.bench.editor_document import EditorDocument, MendError

CLOSERS = {"(": ")", "[": "]", "{": "}", '"': '"'}


class HelpfulEditor:
    """Does what editors do by default: closes brackets, moves over them, indents more than is wanted, and opens lists."""

    name = "helpful"

    def __init__(self) -> None:
        self.before = self.after = self.ghost = ""
        self.list_entry = ""
        self.moves_over = True
        self.is_stubborn = self.outdents = False

    def open_file(self, path: Path, before: str, after: str) -> None:
        assert path == Path("/w/a.py")
        self.before, self.after = before, after

    def close_file(self) -> None:
        pass

    def type_character(self, character: str) -> None:
        if self.is_stubborn:
            self.before += character + "?"
        elif character == "\n" and self.list_entry:
            self.before, self.list_entry = self.before + self.list_entry, ""
        elif character == "\n":
            line = self.before.rpartition("\n")[2]
            opened = line.rstrip().endswith(("(", "[", "{", ":"))
            indent = line[: len(line) - len(line.lstrip())]
            if opened and self.after[:1] in tuple(")]}"):
                self.after = "\n" + indent + self.after
            self.before += "\n" + indent + ("    " if opened else "")
        elif character in ")]}" and self.outdents and not self.before.rpartition("\n")[2].strip():
            self.before = self.before.rstrip(" ") + character
        elif self.after.startswith(character) and character in ')]}"' and self.moves_over:
            self.before, self.after = self.before + character, self.after[1:]
        else:
            self.before, self.after = self.before + character, CLOSERS.get(character, "") + self.after

    def press_key(self, key: str) -> None:
        if key == "Backspace" and not self.is_stubborn:
            self.before = self.before[:-1]
        elif key == "Delete":
            self.after = self.after[1:]
        elif key == "Down":
            line, _, rest = self.after.partition("\n")
            self.before, self.after = self.before + line + "\n", rest
        elif key == "Right":
            self.before, self.after = self.before + self.after[0], self.after[1:]
        elif key == "Home":
            head, end, line = self.before.rpartition("\n")
            whole = line + self.after.partition("\n")[0]
            indent = len(whole) - len(whole.lstrip(" "))
            column = 0 if len(line) == indent else indent
            self.after = self.after[len(whole) - len(line) :]
            self.before, self.after = head + end + whole[:column], whole[column:] + self.after

    def insert_verbatim(self, text: str) -> None:
        self.before += text

    def take_suggestion(self, granularity: AcceptGranularity) -> None:
        if self.list_entry:
            taken, self.list_entry = self.list_entry, ""
        else:
            taken = self.ghost if granularity is AcceptGranularity.WHOLE else self.ghost[:3]
        self.before, self.ghost = self.before + taken, self.ghost.removeprefix(taken)

    def close_list(self) -> bool:
        was_open, self.list_entry = bool(self.list_entry), ""
        return was_open

    def read_text(self) -> tuple[str, str]:
        return self.before, self.after

    def read_ghost(self, line: str) -> str:
        return self.ghost if self.before.rpartition("\n")[2] == line else ""

    def take_screenshot(self, path: Path) -> None:
        pass


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadPoolExecutor]:
    monkeypatch.setattr(editor_document, "CHANGE_SECONDS", 0.02)
    monkeypatch.setattr(editor_document, "SETTLE_SECONDS", 0.0)
    with ThreadPoolExecutor(max_workers=1) as worker:
        yield worker


def open_document(editor: HelpfulEditor, worker: ThreadPoolExecutor, text: str) -> EditorDocument:
    site = TypingSite(Path("a.py"), "python", "def f():\n    ", text, "\n\n\nx = 1\n")
    return EditorDocument(editor, worker, Path("/w"), site)


TEXTS = (
    "return [a, (b)]",
    'call(\n        "x",\n        y,\n    )\n    return {}',
    "if a:\n        b = {c: [d]}\n\n    return (\n        e)",
)


@pytest.mark.parametrize("moves_over", [True, False])
@pytest.mark.parametrize("text", TEXTS)
async def test_what_an_editor_adds_ends_in_the_text_that_was_meant(
    worker: ThreadPoolExecutor, text: str, *, moves_over: bool
) -> None:
    editor = HelpfulEditor()
    editor.moves_over = moves_over
    with open_document(editor, worker, text) as document:
        rest = text
        while rest:
            key = "\n" + rest[1 : 1 + len(rest[1:]) - len(rest[1:].lstrip(" "))] if rest[0] == "\n" else rest[0]
            await document.insert(key)
            rest = rest.removeprefix(key)
    assert editor.before == "def f():\n    " + text
    assert editor.after == "\n\n\nx = 1\n"


async def test_a_bracket_that_the_editor_outdents_is_indented_again_and_not_typed_anew(worker: ThreadPoolExecutor) -> None:
    editor = HelpfulEditor()
    editor.outdents = True
    with open_document(editor, worker, "f\n    )") as document:
        for key in ("f", "\n    ", ")"):
            await document.insert(key)
    assert editor.before == "def f():\n    f\n    )"
    assert editor.after == "\n\n\nx = 1\n"


async def test_enter_takes_nothing_of_an_open_list(worker: ThreadPoolExecutor) -> None:
    editor = HelpfulEditor()
    with open_document(editor, worker, "a\n    b") as document:
        await document.insert("a")
        editor.list_entry = "bout"
        await document.insert("\n    ")
    assert editor.before == "def f():\n    a\n    "


async def test_a_suggestion_is_taken_behind_the_list_entry_that_it_goes_on_from(worker: ThreadPoolExecutor) -> None:
    editor = HelpfulEditor()
    with open_document(editor, worker, "return from_file(x)") as document:
        await document.insert("r")
        editor.list_entry, editor.ghost = "eturn", "eturn from_file(x)"
        await document.accept(AcceptedPart(AcceptGranularity.WHOLE, "eturn from_file(x)", 1))
    assert editor.before.endswith("    return from_file(x)")
    assert (document.press_count, document.mend_count) == (3, 0)


async def test_brackets_that_a_suggestion_closes_are_not_closed_twice(worker: ThreadPoolExecutor) -> None:
    editor = HelpfulEditor()
    with open_document(editor, worker, "f(a, [b])") as document:
        await document.insert("f")
        await document.insert("(")
        editor.ghost = "a, [b])"
        await document.accept(AcceptedPart(AcceptGranularity.WHOLE, "a, [b])", 1))
    assert (editor.before, editor.after) == ("def f():\n    f(a, [b])", "\n\n\nx = 1\n")


async def test_what_is_taken_too_far_is_taken_back(worker: ThreadPoolExecutor) -> None:
    editor = HelpfulEditor()
    with open_document(editor, worker, "ab cd") as document:
        await document.insert("a")
        editor.ghost = "b(x"
        await document.accept(AcceptedPart(AcceptGranularity.WORD, "b", 1))
    assert editor.before == "def f():\n    ab"
    assert document.mend_count == 2


async def test_a_text_that_cannot_be_mended_is_told(worker: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editor_document, "_MAX_MENDS", 2)
    editor = HelpfulEditor()
    editor.is_stubborn = True
    with open_document(editor, worker, "ab") as document, pytest.raises(MendError, match=r"a\.py"):
        await document.insert("a")


async def test_keys_are_told_with_where_they_are_and_what_came_of_them(worker: ThreadPoolExecutor) -> None:
    editor = HelpfulEditor()
    with open_document(editor, worker, "ä = x") as document:
        await document.insert("ä")
        editor.ghost = " = x"
        assert await document.request_suggestion() == " = x"
        await document.insert("q")
        editor.ghost = ""
        await document.backspace()
    first, wrong, last = document.keys
    assert (first.path, first.line, first.character, first.aim_offset, first.remaining_text) == ("/w/a.py", 1, 5, 1, " = x")
    assert first.ghost == " = x"
    assert first.ghost_at is not None
    assert (wrong.aim_offset, last.aim_offset) == (None, 1)
    assert first.at <= first.end <= wrong.at <= wrong.end <= last.end
