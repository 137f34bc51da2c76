"""Rewrites code by an instruction, and lets only an answer through that can stand in the file. Writes no file itself."""

from contextlib import aclosing

import msgspec

from interfix.commands.answer import code_in, indented_like
from interfix.commands.prompts import fenced, prompt
from interfix.commands.selection import Selection, meant
from interfix.config.settings import Commands
from interfix.engine.protocol import ChatRequest, Engine
from interfix.errors import InterfixError, Unavailable
from interfix.models.roles import InstructModel
from interfix.syntax.document import Snapshot
from interfix.values import Finished, Message, Token


class Refactoring(msgspec.Struct, frozen=True):
    """An edit that holds, with what there is to say about it."""

    start: int
    """Byte offset of the snapshot where the replaced text begins."""
    end: int
    """Byte offset where it ends."""
    text: str
    """What stands there instead, with the file's own line endings."""
    verdict: str
    """A sentence or two for the user: what changed, what was checked, what is no longer defined."""


async def refactor(
    engine: Engine, model: InstructModel, snapshot: Snapshot, start: int, end: int, instruction: str, settings: Commands
) -> Refactoring:
    """What bytes `start` to `end` mean (see `meant`), rewritten. The model gets one second chance, with the reason.

    Raises `InterfixError` where its answer cannot be trusted, `BadUsage` where there is no code, and what the engine raises.
    """
    selection = meant(snapshot, start, end)
    turns = prompt("refactor")
    code = fenced(selection.code, selection.language)
    asked = turns["user"].substitute(
        language=selection.language or "source", place=selection.place, code=code, instruction=instruction
    )
    messages = [Message("system", turns["system"].substitute()), Message("user", asked)]
    reason = ""
    for _ in range(2):
        answer = await _answer(
            engine, ChatRequest(model, tuple(messages), settings.max_tokens, settings.sampling(settings.refactor))
        )
        text = _placed(answer, selection)
        reason = _fault(text, selection)
        if not reason:
            return Refactoring(selection.start, selection.end, text, _verdict(text, selection))
        messages += [Message("assistant", answer), Message("user", turns["again"].substitute(reason=reason))]
    raise InterfixError(f"{model.name} gave no edit that can be used: {reason}. Nothing was changed; try a smaller selection.")


async def _answer(engine: Engine, request: ChatRequest) -> str:
    pieces: list[str] = []
    finished: Finished | None = None
    async with aclosing(engine.chat(request)) as events:
        async for event in events:
            if isinstance(event, Token):
                pieces.append(event.text)
            elif isinstance(event, Finished):
                finished = event
    if finished is None:
        raise Unavailable("The engine stopped before the edit was complete. Nothing was changed; ask again.")
    if finished.reason == "loop":
        raise InterfixError(f"{request.model.name} went round in circles. Nothing was changed; ask again, or in other words.")
    if finished.reason != "end":
        raise InterfixError(
            f"The edit was cut off after {finished.tokens} tokens. Nothing was changed; select less, or raise commands.max_tokens."
        )
    return "".join(pieces)


def _placed(answer: str, selection: Selection) -> str:
    """The answer's code as it would stand in the file; the selection's own text where only trailing space differs."""
    code = indented_like(code_in(answer, selection.code), selection.code)
    if _lines(code) == _lines(selection.code):
        return selection.snapshot.data[selection.start : selection.end].decode("utf-8", "surrogatepass")
    return code.replace("\n", selection.snapshot.newline)


def _fault(text: str, selection: Selection) -> str:
    """Why an answer cannot be used, as a clause; empty if it can."""
    if not text.strip():
        return "the answer holds no code"
    after = _after(text, selection)
    if after.snapshot.errors() > selection.snapshot.errors():
        return f"with it the file is no longer valid {selection.language}"
    new = after.names().items() - selection.names().items()
    around = {(scope.name, scope.kind) for scope in selection.around()}
    if repeated := sorted(name for name, kind in new & around):
        return f"it repeats {', '.join(repeated)}, which stands around the code already"
    return ""


def _verdict(text: str, selection: Selection) -> str:
    before, now = _lines(selection.code), _lines(text)
    if before == now:
        return "The model left the code as it was."
    checked = "and the file parses" if selection.snapshot.tree else "and nothing was checked, for there is no grammar for this file"
    if selection.snapshot.errors():
        checked = "and the file has no new syntax errors"
    said = [f"{_count(before)} became {_count(now)}, {checked}."]
    if gone := sorted(selection.names().keys() - _after(text, selection).names().keys()):
        said.append(f"No longer defined here: {', '.join(gone)}.")
    return " ".join(said)


def _after(text: str, selection: Selection) -> Selection:
    replaced = selection.snapshot.replaced(selection.start, selection.end, text)
    return Selection(replaced, selection.start, selection.start + len(text.encode("utf-8", "surrogatepass")))


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def _count(lines: list[str]) -> str:
    return f"{len(lines)} line{'s' if len(lines) != 1 else ''}"
