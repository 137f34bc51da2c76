"""The table of the commands that ask the instruct model. LSP, the command line, `why` and the code actions read it.

A new command is a file of its own, its prompt beside it, and a row here.
"""

from interfix.commands.ask import ask
from interfix.commands.command import AnswerCommand, Command, EditCommand, MenuEntry, WordsArgument
from interfix.commands.explain import explain
from interfix.commands.fix import fix
from interfix.commands.refactor import refactor
from interfix.commands.write_documentation import write_documentation
from interfix.commands.write_tests import write_tests

_ROWS: tuple[Command, ...] = (
    AnswerCommand(
        name="explain",
        run=explain,
        progress_title="Explaining",
        summary="Explain a file or lines of it, as markdown.",
        json_key="explanation",
        menu=MenuEntry("explain"),
    ),
    AnswerCommand(
        name="ask",
        run=ask,
        progress_title="Answering",
        summary="Answer a question about a file or lines of it, as markdown.",
        words=WordsArgument("question", "What you want to know."),
    ),
    EditCommand(
        name="refactor",
        run=refactor,
        progress_title="Refactoring",
        summary="Change lines of a file as an instruction says; the result is checked, or refused.",
        words=WordsArgument("instruction", "What to do, in words."),
        needs_lines=True,
    ),
    EditCommand(
        name="document",
        run=write_documentation,
        progress_title="Documenting",
        summary="Document the definitions in lines of a file or in all of it; the code stays as it is.",
        words=WordsArgument("words", "What to mind.", required=False),
        menu=MenuEntry("document", "refactor.rewrite", needs_language=True),
    ),
    EditCommand(
        name="test",
        run=write_tests,
        progress_title="Writing tests",
        summary="Write tests for lines of a file, in the project's own framework and folder.",
        menu=MenuEntry("write tests", "refactor", needs_language=True),
    ),
    EditCommand(
        name="fix",
        run=fix,
        progress_title="Fixing",
        summary="Mend lines of a file; the result is checked, or refused.",
        words=WordsArgument("problem", "What is wrong, as the compiler or linter says it."),
        needs_lines=True,
    ),
)

INSTRUCT_COMMANDS: dict[str, Command] = {each.name: each for each in _ROWS}
"""By name, in the order of help and menus."""
ANSWER_COMMANDS = {each.name: each for each in _ROWS if isinstance(each, AnswerCommand)}
"""Those that answer in words."""
EDIT_COMMANDS = {each.name: each for each in _ROWS if isinstance(each, EditCommand)}
"""Those that edit."""
