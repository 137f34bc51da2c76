"""Writes tests for code in the project's own framework and folder."""

from pathlib import Path

import msgspec

from interfix.commands import new_test_execution
from interfix.commands.command_request import CommandRequest
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.instruct_client import InstructClient
from interfix.commands.repair_loop import EditSpec, request_edit
from interfix.commands.rules.code_present import check_code_present
from interfix.commands.rules.new_tests import build_import_rule, build_placement_rule, build_tests_rule
from interfix.commands.rules.outside_unchanged import check_outside_unchanged
from interfix.commands.rules.parses import check_parses
from interfix.commands.rules.selection_and_imports import check_within_selection
from interfix.commands.rules.whitespace_style import check_whitespace_style
from interfix.commands.selection import Selection, resolve_statements
from interfix.commands.selection_prompt import build_selection_prompt
from interfix.commands.selection_splitting import require_single_request
from interfix.commands.suite_insertion import find_suites, insert_tests
from interfix.commands.testing_frameworks import TargetTestFile, locate_test_file
from interfix.errors import InterfixError, UsageError
from interfix.inference_types import ContextSnippet
from interfix.masking import Masker, mask
from interfix.output.markdown_code import fence_code
from interfix.syntax.document import Document, Snapshot
from interfix.syntax.document_key import is_part_of_file
from interfix.system.folder_handle import lies_within

_EXAMPLE_LINES = 30
"""Lines of another test file that are shown."""


async def write_tests(client: InstructClient, request: CommandRequest) -> CheckedEdit:
    """Tests for what the selection means (see `resolve_statements`), as a new file or among those that the file has already.

    Raises `UsageError` where there is no code or no file, `UnusableAnswer` where no answer can be trusted, and what the engine
    raises.
    """
    selection = resolve_statements(request.snapshot, request.start, request.end)
    snapshot = request.snapshot
    if not snapshot.path or not snapshot.language:
        raise UsageError("Tests belong into a file beside the code; save it first, under a name that tells its language.")
    if is_part_of_file(snapshot.uri):
        raise UsageError("A test file cannot import a notebook. Move the code to a module beside it, and ask for tests there.")
    if request.exclusion is not None and not request.exclusion.trusted:
        raise UsageError("Tests need a look at the project, and this workspace is not trusted (context.trusted).")
    require_single_request(selection, client.budget_settings)
    path = Path(snapshot.path)
    location = locate_test_file(path, snapshot.language.id, request.root)
    if not lies_within(location.path, request.root or path.parent):
        raise UsageError(f"The tests of {path.name} would go to {location.path}, a link out of the workspace; remove it first.")
    target = _open_test_file(location, request)
    rules = [
        check_code_present,
        check_within_selection,
        check_parses,
        build_placement_rule(location.framework),
        check_outside_unchanged,
        check_whitespace_style,
        build_tests_rule(location.framework, selection.find_definitions()),
    ]
    if location.framework.has_import_syntax:
        rules.append(build_import_rule(path.stem, _format_import(location, selection)))
    variables = _describe_target(request, selection, location, target)
    prompt = build_selection_prompt(request, selection, client.budget_settings, "test", variables, is_rewrite=True)
    snippets = (*_read_example(location, request, prompt.masker), *prompt.user.context)
    task = EditSpec(
        (prompt.system, msgspec.structs.replace(prompt.user, context=snippets)),
        prompt.masker,
        lambda answer: insert_tests(answer, target, location.framework),
        rules,
        client.settings.commands.test,
    )
    edit = await request_edit(client, task)
    edit = CheckedEdit(
        edit.snapshot, edit.hunks, edit.checks, edit.notes, edit.answer, is_new_file=not target.data and not location.exists
    )
    return await new_test_execution.run_tests(edit, location.path, request.root, client.settings.commands.test_command)


def _open_test_file(location: TargetTestFile, request: CommandRequest) -> Snapshot:
    """The test file as it is, in the editor or on the disk; an empty one where there is none."""
    if location.path == Path(request.snapshot.path):
        return request.snapshot
    return request.read_file(location.path) if location.exists else Document(location.path.as_uri(), "").snapshot()


def _describe_target(request: CommandRequest, selection: Selection, location: TargetTestFile, target: Snapshot) -> dict[str, str]:
    """What the prompt says of the code's file and of the one for its tests."""
    root = request.root or location.path.parent
    path = Path(request.snapshot.path)
    test_path = location.path.relative_to(root).as_posix() if location.path.is_relative_to(root) else location.path.name
    holder = next(iter(find_suites(target, location.framework)), None)
    return {
        "path": path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name,
        "test_path": test_path + (f", into its {location.framework.inside} `{holder.name}`," if holder else ""),
        "framework": location.framework.says.replace("{taking}", _format_import(location, selection)),
        "names": " and ".join(f"`{name}`" for name in list(selection.find_definitions())[:3]) or "this code",
    }


def _format_import(location: TargetTestFile, selection: Selection) -> str:
    """How tests import what the selection is, or stands in."""
    names = [*(scope.name for scope in selection.find_enclosing_scopes()), *selection.find_definitions(), "…"]
    return location.format_import(names[0], Path(selection.snapshot.path), selection.snapshot.text)


def _read_example(location: TargetTestFile, request: CommandRequest, masker: Masker) -> tuple[ContextSnippet, ...]:
    """The beginning of the tests that are there, or else of another test file, if it may be shown."""
    there = location.path if location.exists and location.path != Path(request.snapshot.path) else None
    path, says = (
        (there, "The tests that are there already:") if there else (location.example_path, "How tests look in this project:")
    )
    if path is None or not path.is_file() or request.exclusion is None or request.exclusion.find_refusal(path):
        return ()
    try:
        text = request.read_file(path).text
    except InterfixError:
        return ()
    head = "\n".join(mask(text).splitlines()[:_EXAMPLE_LINES])
    return (ContextSnippet("tests", masker.mask(f"{says}\n{fence_code(head, '')}"), path.name),)
