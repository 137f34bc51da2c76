"""The code around the cursor, rewritten by a next-edit model: what it is shown, and what comes of its answer."""

from interfix.models.role_check import NextEditModel
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import Edit, EditKind
from interfix.next_edit.model_rewrite import ModelRewrite, propose_rewrite
from interfix.next_edit.next_edit_model_request import NextEditProposer
from interfix.next_edit.next_edit_types import Replacement
from interfix.syntax.document import Document
from tests.fake_engine import FakeEngine

URI = "file:///a.py"
CODE = "total = 1\nprint(count)\nx = 2\n"
EDIT = Edit(URI, 0, b"count", b"total", EditKind.TYPED, 1)


async def rewrite(engine: FakeEngine, code: str = CODE, edits: tuple[Edit, ...] = (EDIT,)) -> ModelRewrite | None:
    context = EditContext(Document(URI, code).snapshot(), 5, edits)
    return await propose_rewrite(NextEditProposer(engine, NextEditModel("sweep-next-edit-1.5b", "/m.gguf")), context, "a.py")


async def test_the_lines_that_change_are_replaced() -> None:
    engine = FakeEngine("\n" + CODE.replace("print(count)", "print(total)"))
    found = await rewrite(engine)
    assert found is not None
    assert found.replacement == Replacement(10, 23, b"print(total)\n")
    window = engine.requests[0].parts.window
    assert (window.region, window.original, window.cursor) == (CODE, CODE.replace("total", "count"), 5)
    (edit,) = engine.requests[0].parts.edits
    assert (edit.before, edit.after, edit.line) == (CODE.replace("total", "count"), CODE, 0)


async def test_who_has_edited_nothing_is_offered_nothing() -> None:
    engine = FakeEngine("\nx\n")
    assert await rewrite(engine, edits=()) is None
    assert engine.requests == []


async def test_a_secret_beside_the_cursor_is_neither_shown_nor_overwritten() -> None:
    engine = FakeEngine("\nx\n")
    assert await rewrite(engine, CODE + 'token = "ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"\n') is None
    assert engine.requests == []


async def test_lines_far_away_stay_out_of_the_region() -> None:
    code = CODE + "far = 1\n" * 40
    engine = FakeEngine("NO")
    await rewrite(engine, code)
    window = engine.requests[0].parts.window
    assert window.region.count("\n") == 15
    assert window.region + window.after == code
