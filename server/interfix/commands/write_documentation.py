"""Documents definitions in the convention of their language. Only the documentation of an answer is taken; the code stays."""

from interfix.commands.command_request import CommandRequest
from interfix.commands.documentation_merge import include_comments_above, merge_documentation
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.instruct_client import InstructClient
from interfix.commands.rules.documentation_present import check_documentation_present
from interfix.commands.selection import resolve_statements
from interfix.commands.selection_rewrite import COMMENT_RULES, RewriteSpec, rewrite_selection


async def write_documentation(client: InstructClient, request: CommandRequest) -> CheckedEdit:
    """What the selection means (see `resolve_statements`) with documentation, old ones replaced.

    Raises `UsageError` where there is no code, `UnusableAnswer` where no answer can be trusted, and what the engine raises.
    """
    selection = include_comments_above(resolve_statements(request.snapshot, request.start, request.end))
    language = request.snapshot.language
    convention = (language.documentation if language else "") or "a comment in the convention of the language"
    words = {"convention": convention, "instruction": f" {request.instruction.strip()}" if request.instruction.strip() else ""}
    recipe = RewriteSpec(
        "document",
        (*COMMENT_RULES, check_documentation_present),
        client.settings.commands.document,
        words,
        merge_documentation,
        requires_change=False,
    )
    return await rewrite_selection(client, request, selection, recipe)
