"""From a request to an edit that may be offered: ask, place, judge; if refused, ask once more with the reason."""

from collections.abc import Callable, Sequence

import msgspec

from interfix.commands.builtin_prompt_loader import load_prompt
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.instruct_client import InstructClient, UnusableAnswer
from interfix.commands.rules import EditProposal, Rule
from interfix.errors import InterfixError
from interfix.inference_types import ChatMessage, Sampling
from interfix.masking import MaskChangedError, Masker


class EditSpec(msgspec.Struct, frozen=True):
    """What to ask, and what the answer has to be."""

    messages: tuple[ChatMessage, ...]
    """The request."""
    masker: Masker
    """What masked it, and puts the originals back into the answer."""
    placement: Callable[[str], EditProposal]
    """Puts an answer in its place."""
    rules: Sequence[Rule]
    """In the order asked; the first fault counts."""
    sampling: Sampling = Sampling()
    """How answers are sampled."""
    requires_change: bool = True
    """Whether code that was left as it was goes back once, too."""


async def request_edit(client: InstructClient, spec: EditSpec) -> CheckedEdit:
    """The edit. Raises `UnusableAnswer` with the last answer where none can be used, and what the engine raises."""
    messages = list(spec.messages)
    reason = answer = ""
    for turn in range(1 + client.max_repairs):
        answer = await client.request_answer(messages, spec.sampling)
        edit, reason = _judged_restored(spec, answer)
        if edit is not None and (edit.hunks or not spec.requires_change or turn == client.max_repairs):
            return edit
        reason = reason or "it is the code as it was, and something is to change"
        correction = spec.masker.mask(load_prompt("again")["user"].substitute(reason=reason))
        messages = [*spec.messages, ChatMessage("assistant", spec.masker.mask(answer)), ChatMessage("user", correction)]
    name = client.model.name
    raise UnusableAnswer(f"{name} gave no edit that can be used: {reason}. Nothing was changed; try a smaller selection.", answer)


def _judged_restored(task: EditSpec, answer: str) -> tuple[CheckedEdit | None, str]:
    """What `judge` finds of the answer with the masked values back in it, and a note where one of them is lost or repeated."""
    try:
        proposal = task.placement(task.masker.restore(answer))
    except MaskChangedError as error:
        return None, str(error)
    edit, reason = apply_rules(proposal, task.rules, answer)
    if edit is None or not edit.hunks:
        return edit, reason
    before, after = (data.decode("utf-8", "surrogatepass") for data in (edit.snapshot.data, edit.result))
    lost, repeated = task.masker.count_changes(before, after)
    notes = [
        f"{count} {'value that was' if count == 1 else 'values that were'} masked in the prompt {what}."
        for count, what in ((lost, "is no longer in the file"), (repeated, "now stands in more places"))
        if count
    ]
    return msgspec.structs.replace(edit, notes=(*edit.notes, *notes)), reason


def apply_rules(proposal: EditProposal, rules: Sequence[Rule], answer: str) -> tuple[CheckedEdit | None, str]:
    """The edit that a proposal comes to, or None and the reason why it does not."""
    checks, notes = list[str](), list[str]()
    snapshot = proposal.before.snapshot
    for rule in rules:
        ruling = rule(proposal)
        if ruling.fault:
            return None, ruling.fault
        checks += [ruling.check] if ruling.check else []
        notes += [ruling.note] if ruling.note else []
    return CheckedEdit(snapshot, proposal.hunks, tuple(checks), tuple(notes if proposal.hunks else ()), answer), ""


def merge_edits(edits: Sequence[CheckedEdit], failures: Sequence[InterfixError]) -> CheckedEdit:
    """The edits of several stretches of one document as one; what had to be left out is noted."""
    hunks = sorted({hunk for edit in edits for hunk in edit.hunks}, key=lambda hunk: (hunk.start, hunk.end))
    common = [check for check in edits[0].checks if all(check in edit.checks for edit in edits if edit.hunks)]
    notes = [note for edit in edits for note in edit.notes] + [str(error) for error in failures]
    answers = "\n\n".join(edit.answer for edit in edits)
    return CheckedEdit(edits[0].snapshot, tuple(hunks), tuple(common), tuple(notes), answers)
