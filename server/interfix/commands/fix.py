"""Fixes the problem that a diagnostic reports, whatever server it comes from."""

import msgspec

from interfix.commands.command_request import CommandRequest
from interfix.commands.context_snippets import format_diagnostics
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.instruct_client import InstructClient
from interfix.commands.selection import Selection, expand_to_lines, resolve_statements
from interfix.commands.selection_rewrite import REWRITE_RULES, RewriteSpec, rewrite_selection
from interfix.errors import UsageError
from interfix.syntax.enclosing_scopes import find_definition


async def fix(client: InstructClient, request: CommandRequest) -> CheckedEdit:
    """The definition around the diagnostics, mended; the lines they are on where nothing is defined around them.

    Raises `UsageError` where there is no code or nothing is known to be wrong with it, `UnusableAnswer` where no answer can be
    trusted, and
    what the engine raises.
    """
    selection = _select_definition(request)
    problems = format_diagnostics(request, selection)
    if not problems and request.instruction.strip():
        problems = f"- {' '.join(request.instruction.split())}"
    if not problems:
        raise UsageError("To fix needs a diagnostic of these lines, or words on what is wrong.")
    recipe = RewriteSpec("fix", REWRITE_RULES, client.settings.commands.fix, {"problems": problems})
    # What is wrong is no request to do without what is named there.
    return await rewrite_selection(client, msgspec.structs.replace(request, instruction=""), selection, recipe)


def _select_definition(request: CommandRequest) -> Selection:
    """A diagnostic marks a name or a line; to mend it takes the definition it is in."""
    snapshot = request.snapshot
    if request.diagnostics:
        start = min(each.start for each in request.diagnostics)
        end = max(each.end for each in request.diagnostics)
        definition = find_definition(snapshot, start)
        if definition is not None and end <= definition.end:
            return expand_to_lines(snapshot, definition.start, definition.end)
        return resolve_statements(snapshot, min(start, request.start), max(end, request.end))
    return resolve_statements(snapshot, request.start, request.end)
