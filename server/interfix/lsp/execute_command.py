"""`workspace/executeCommand`: finds the command and hands it its arguments.

Every command takes one argument, an object:

- `interfix.explain {uri, range, token?}`, `interfix.ask {…, question}` → `{markdown}`. The text also comes piece by piece:
  `$/progress` under `token`, or else under the request's `workDoneToken`, sends `{kind: "begin", title}`, then for each piece
  `{kind: "report", message: PIECE}`, then `{kind: "end"}`; the pieces joined are the markdown. Without a token only the result
  comes. With `show: true` the server has the editor show the text as well.
- `interfix.refactor {uri, range, instruction, token?}`, `interfix.document {…}`, `interfix.test {…}`,
  `interfix.fix {…, diagnostics}` → `{edit, verdict}`. `edit` is a `WorkspaceEdit` with the lines that change, for the version of
  the document the request was made on where the client takes versions, and empty where the model left the code as it was;
  `verdict` says what was checked and what to look at. The token gets a begin, news such as "64 tokens, 3 s", and an end. With
  `apply: true` the server has the editor make the edit and tells the verdict; the result then has `applied`.
- `interfix.run {uri, range, name}` → either, as the command from a file says: the menu of refactorings and people's own.
- `interfix.commitMessage {uri?}` → `{message}`: for what is staged in the repository of a file or folder.
- `interfix.answer {}` → `{answer}`: what the model said for the last edit, word for word.
- `interfix.accepted {id}` → nothing. Every suggestion's item and every next edit carries it for the editor to run when the user has
  accepted it.
- `interfix.dismissed {id}` → nothing: the user refused a next edit. `interfix.snooze {seconds}` → nothing: no next edit meanwhile.
- `interfix.status {}` → what serves this session: the engine, the models, the indexes, problems of the settings.
- `interfix.why {uri, position?}` → `{model, prompt, prompt_tokens, budget, parts, costs, left, context_ms}`: the exact prompt
  at the position and what became of each part of it; without one, of the last suggestion in the document, but not word for word.
  With `next_edit`: what became of the last request for a next edit in it.
- `interfix.why {command, arguments}` → `{requests: [{model, prompt, prompt_tokens, budget, parts}]}`: the exact prompts of what a
  command that asks the instruct model would ask first, its arguments as above; nothing is computed.
- `interfix.models {}` → `{models: [{name, roles, parameters, bytes, licence, commercial, installed, path, problem, advice}],
  serving: {base?, instruct?}}`: what there is to choose from, and the names of those who serve.
- `interfix.pull {}` → `{}`: begins to fetch the models that are missing, under a progress of its own that can be cancelled.
- `interfix.statistics {days?}` → what `interfix stats --json` prints, of the last 30 days or so many.

An empty `range` stands for the definition around it. Errors: -32602 for wrong arguments, -32801 where the document changed
meanwhile, -32803 with a sentence for whatever else could not be done; its data holds the `answer` where the model gave one that
cannot be used.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from lsprotocol import types

from interfix.errors import RoleMismatchError, UnavailableError, UsageError
from interfix.lsp import (
    accept_command,
    commit_message_command,
    decision_and_prompt_command,
    instruct_command_handlers,
    last_answer_command,
    list_and_pull_commands,
    next_edit_dismiss_and_snooze,
    statistics_command,
    status_command,
)
from interfix.lsp.command_params import CommandArguments
from interfix.lsp.converters import to_builtins
from interfix.lsp.session import Session

CommandHandler = Callable[[Session, Any, int | str | None], Awaitable[Any]]

COMMAND_HANDLERS: dict[str, tuple[type[msgspec.Struct], CommandHandler]] = {
    **{method: (CommandArguments, instruct_command_handlers.make_handler(method)) for method in instruct_command_handlers.METHODS},
    "interfix.answer": (last_answer_command.NoArguments, last_answer_command.report_last_answer),
    commit_message_command.COMMAND_NAME: (
        commit_message_command.CommitMessageArguments,
        commit_message_command.write_commit_message,
    ),
    "interfix.status": (status_command.StatusArguments, status_command.report_status),
    "interfix.why": (decision_and_prompt_command.PromptArguments, decision_and_prompt_command.report_prompt),
    "interfix.models": (last_answer_command.NoArguments, list_and_pull_commands.list_models),
    "interfix.pull": (last_answer_command.NoArguments, list_and_pull_commands.start_pull),
    "interfix.statistics": (statistics_command.StatisticsArguments, statistics_command.report_statistics),
    accept_command.COMMAND_NAME: (accept_command.AcceptArguments, accept_command.record_acceptance),
    "interfix.dismissed": (next_edit_dismiss_and_snooze.DismissArguments, next_edit_dismiss_and_snooze.record_dismissal),
    "interfix.snooze": (next_edit_dismiss_and_snooze.SnoozeArguments, next_edit_dismiss_and_snooze.snooze),
}
"""Each command with the shape of its argument."""


def execute_command(session: Session, params: types.ExecuteCommandParams) -> Awaitable[Any]:
    """Run a command; the token is its argument's own or the request's."""
    if (command := COMMAND_HANDLERS.get(params.command)) is None:
        raise UsageError(f"There is no command {params.command!r}; there are {', '.join(COMMAND_HANDLERS)}.")
    shape, run = command
    given = to_builtins(params.arguments[0]) if params.arguments else {}
    try:
        arguments = msgspec.convert(given, shape)
    except msgspec.ValidationError as error:
        raise UsageError(f"The argument of {params.command} is not as it should be: {error}.") from error
    token = getattr(arguments, "token", None)
    work = asyncio.ensure_future(run(session, arguments, params.work_done_token if token is None else token))
    report = asyncio.ensure_future(_run_and_report(session, work))
    # A cancel that comes before the report's first step would not reach the work.
    report.add_done_callback(lambda _: work.cancel())
    return report


async def _run_and_report(session: Session, work: Awaitable[Any]) -> Any:
    """The result; where no model or engine can do it, the user is told, for not every editor shows error replies."""
    try:
        with session.client.status_publisher.show_working():
            result = await work
    except (UnavailableError, RoleMismatchError) as error:
        session.client.notify_once("commands", str(error))
        raise
    session.client.clear_topic("commands")
    return result
