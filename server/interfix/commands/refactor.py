"""Rewrites code by an instruction, and lets only an answer through that can stand in the file."""

import re

from interfix.commands.command_request import CommandRequest
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.instruct_client import InstructClient
from interfix.commands.selection import resolve_statements
from interfix.commands.selection_rewrite import COMMENT_RULES, REWRITE_RULES, RewriteSpec, rewrite_selection
from interfix.errors import UsageError

_ONLY_COMMENTS = re.compile(
    r"\s*(?:please\s+)?(?:add|write|update|improve|translate|fix|shorten|rewrite|remove|delete|reword)\s+(?:[\w']+\s+){0,4}"
    r"(?:comments?|docstrings?|documentation|javadoc|jsdoc|doc comments?)\b(?!.*\b(?:and|then|also)\b)",
    re.IGNORECASE,
)


async def refactor(client: InstructClient, request: CommandRequest) -> CheckedEdit:
    """What the selection means (see `resolve_statements`), rewritten as the words say. Where they are about comments, the code has
    to stay.

    Raises `UsageError` where there is no code or no instruction, `UnusableAnswer` where no answer can be trusted, and what the
    engine
    raises.
    """
    if not request.instruction.strip():
        raise UsageError("To refactor needs an instruction: what is to change?")
    selection = resolve_statements(request.snapshot, request.start, request.end)
    rules = COMMENT_RULES if _ONLY_COMMENTS.match(request.instruction) else REWRITE_RULES
    sampling = client.settings.commands.refactor
    return await rewrite_selection(
        client, request, selection, RewriteSpec("refactor", rules, sampling, {"instruction": request.instruction})
    )
