"""What all commands that rewrite a selection have in common: the request, piece by piece where it is long."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from interfix.commands.answer_placement import place_answer
from interfix.commands.command_request import CommandRequest
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.instruct_client import InstructClient
from interfix.commands.repair_loop import EditSpec, merge_edits, request_edit
from interfix.commands.rules import EditProposal, Rule
from interfix.commands.rules.code_present import check_code_present
from interfix.commands.rules.comments_only import check_comments_only
from interfix.commands.rules.definitions_kept import check_definitions_kept
from interfix.commands.rules.neighbours_not_repeated import check_neighbours_not_repeated
from interfix.commands.rules.outside_unchanged import check_outside_unchanged
from interfix.commands.rules.parses import check_parses
from interfix.commands.rules.removed_names_note import check_removed_names
from interfix.commands.rules.selection_and_imports import check_within_selection
from interfix.commands.rules.whitespace_style import check_whitespace_style
from interfix.commands.selection import Selection
from interfix.commands.selection_prompt import build_selection_prompt
from interfix.commands.selection_splitting import split_selection
from interfix.errors import InterfixError, UnavailableError
from interfix.inference_types import Sampling

REWRITE_RULES = (
    check_code_present,
    check_within_selection,
    check_parses,
    check_outside_unchanged,
    check_neighbours_not_repeated,
    check_whitespace_style,
    check_definitions_kept,
    check_removed_names,
)
"""For an answer that may change the code."""
COMMENT_RULES = (
    check_code_present,
    check_within_selection,
    check_parses,
    check_outside_unchanged,
    check_neighbours_not_repeated,
    check_whitespace_style,
    check_comments_only,
)
"""For one that may change only what is said about it."""


class RewriteSpec(msgspec.Struct, frozen=True):
    """How a command rewrites."""

    prompt_name: str
    """The name of its prompt, with the turns system and user."""
    rules: Sequence[Rule]
    """What an answer has to be."""
    sampling: Sampling
    """How it is sampled."""
    variables: dict[str, str] = {}
    """What its prompt's own places are filled with."""
    placement: Callable[[str, Selection, str], EditProposal] = place_answer
    """Puts an answer in the place of a selection."""
    requires_change: bool = True
    """Whether code that was left as it was goes back once, too."""


async def rewrite_selection(
    client: InstructClient, request: CommandRequest, selection: Selection, spec: RewriteSpec
) -> CheckedEdit:
    """The selection rewritten; a long one definition by definition, of which those that fail are left as they are and noted.

    Raises `UsageError` where it cannot be taken apart, `UnusableAnswer` where nothing came of it, and what the engine raises.
    """
    pieces = split_selection(selection, client.budget_settings, is_rewrite=True)
    if len(pieces) == 1:
        return await request_edit(client, _build_edit_spec(client, request, pieces[0], spec))
    edits, failed = list[CheckedEdit](), list[InterfixError]()
    for number, piece in enumerate(pieces, 1):
        part = msgspec.structs.replace(
            client, on_progress=partial(_report_part, client.on_progress, f"part {number} of {len(pieces)}")
        )
        try:
            edits.append(await request_edit(part, _build_edit_spec(client, request, piece, spec)))
        except UnavailableError:
            raise
        except InterfixError as error:
            failed.append(error)
    if not edits:
        raise failed[0]
    return merge_edits(edits, failed)


def _build_edit_spec(client: InstructClient, request: CommandRequest, selection: Selection, spec: RewriteSpec) -> EditSpec:
    settings = client.budget_settings
    prompt = build_selection_prompt(request, selection, settings, spec.prompt_name, spec.variables, is_rewrite=True)
    return EditSpec(
        prompt.messages,
        prompt.masker,
        lambda answer: spec.placement(answer, selection, request.instruction),
        spec.rules,
        spec.sampling,
        spec.requires_change,
    )


def _report_part(on_progress: Callable[[str], None], part: str, message: str) -> None:
    on_progress(f"{part}: {message}")
