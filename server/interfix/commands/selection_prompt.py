"""The prompt of a command about a selection: its turns with the code in them, what is shown beside it, and the masker of both."""

import msgspec

from interfix.commands.builtin_prompt_loader import load_prompt
from interfix.commands.command_request import CommandRequest
from interfix.commands.context_byte_budget import compute_context_bytes
from interfix.commands.context_snippets import gather_context
from interfix.commands.selection import Selection
from interfix.config.settings import Settings
from interfix.context.document_masking import compute_mask_lines
from interfix.inference_types import ChatMessage
from interfix.masking import Masker
from interfix.output.markdown_code import fence_code


class SelectionPrompt(msgspec.Struct, frozen=True):
    """What the instruct model is asked about a selection."""

    system: ChatMessage
    """Who it is to be, and how it is to answer."""
    user: ChatMessage
    """What is asked, with the code and what is shown beside it."""
    masker: Masker
    """What masked both, and puts the originals back into the answer."""

    @property
    def messages(self) -> tuple[ChatMessage, ...]:
        """The turns, in their order."""
        return self.system, self.user


def build_selection_prompt(
    request: CommandRequest, selection: Selection, settings: Settings, name: str, variables: dict[str, str], *, is_rewrite: bool
) -> SelectionPrompt:
    """The prompt `name`, filled with a selection and the `variables` of its own.

    `settings` say how much fits in; `is_rewrite` is whether the answer is as long as the code.
    """
    turns = load_prompt(name)
    text = turns["user"].substitute(
        language=selection.language or "source",
        place=selection.location_clause,
        code=fence_code(selection.code, selection.language),
        **variables,
    )
    masker = _create_masker(selection, request.instruction)
    system, question = masker.mask(turns["system"].substitute()), masker.mask(text)
    context_bytes = compute_context_bytes(selection, settings, is_rewrite=is_rewrite)
    snippets = gather_context(request, selection, context_bytes, masker)
    return SelectionPrompt(ChatMessage("system", system), ChatMessage("user", question, snippets), masker)


def _create_masker(selection: Selection, words: str = "") -> Masker:
    """Hides the secrets in and around a selection, and those in the user's own words."""
    snapshot = selection.snapshot
    first, last = compute_mask_lines(snapshot, selection.start, selection.end)
    around = snapshot.data[snapshot.lines.find_start(first) : snapshot.lines.find_next_start(snapshot.data, last - 1)]
    return Masker(around.decode("utf-8", "surrogatepass"), words)
