"""The first thing a user runs: pulls the model, completes a hole in a real file, explains the code, and says how to go on."""

import asyncio
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path

import psutil
from rich.live import Live
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.syntax import Syntax
from rich.text import Text

from interfix.cli.cli_settings import load_settings
from interfix.cli.pull_progress import pull_bars
from interfix.commands.command_request import CommandRequest
from interfix.commands.explain import explain
from interfix.commands.instruct_client import InstructClient
from interfix.completion.completer import Completer
from interfix.completion.suggestion import Suggestion, SuggestionRequest
from interfix.completion.trigger_policy import SuggestionShape
from interfix.config.settings import Settings
from interfix.engine import sampling
from interfix.engine.client import HostEngine, create_local_engine
from interfix.engine.line_latency import measure_line_ms
from interfix.engine.llamacpp import selection
from interfix.errors import RoleMismatchError, UnavailableError
from interfix.models import model_selection
from interfix.models.model_selection import ModelSelection
from interfix.output.terminal import Console
from interfix.syntax.document import Document, Snapshot, open_file

SLOW_LINE_MS = 1500
"""A ten-token line that takes longer than this comes too late: the smaller model serves better."""
BUSY_PERCENT = 30
"""Where other programs take more of the processors than this, a slow line says nothing about the machine."""

_SAMPLE = Path(sampling.__file__)
_REMOVED_LINE = "    weights /= weights.sum()\n"
_SHOWN_LINES = 7


def demo() -> None:
    """Pull the model that suits this machine, complete and explain a piece of a real file, and say how to connect an editor."""
    console = Console()
    settings = load_settings()
    asyncio.run(_demo(console, settings))


async def _demo(console: Console, settings: Settings) -> None:
    choice = await asyncio.to_thread(_ensure_models, settings)
    async with create_local_engine() as engine:
        choice = await _choose_for_speed(console, settings, engine, choice)
        assert choice.base is not None
        assert choice.instruct is not None
        console.print(Text("Model", "bold"), f" {choice.base.name} completes, {choice.instruct.name} explains. {choice.why}\n")
        snapshot, offset = _cut_sample()
        suggestion = await Completer(engine, settings.completion).suggest(
            SuggestionRequest(choice.base, snapshot, offset, shape=SuggestionShape.LINE)
        )
        _show_completion(console, snapshot, offset, suggestion)
        console.print(Text("\nExplained", "bold"), "by the instruct role:\n")

        whole = open_file(_SAMPLE).snapshot()
        start = whole.data.index(b"def _draw")
        text = ""
        async with aclosing(
            explain(InstructClient(engine, choice.instruct, settings), CommandRequest(whole, start, len(whole.data)))
        ) as pieces:
            with Live(console=console, vertical_overflow="visible", transient=not console.is_terminal) as live:
                async for piece in pieces:
                    text += piece
                    live.update(Padding(Markdown(text, hyperlinks=False), (0, 2)))
        if not console.is_terminal:
            console.print(text.strip())
    console.print(
        Text.assemble(
            ("\nNext", "bold"),
            "  Connect your editor: ",
            ("editors/README.md", "bold"),
            " has VS Code, Neovim, Helix, Emacs and others.\n      The server is ",
            (f"{Path(sysconfig.get_path('scripts')) / 'interfix'} serve", "bold"),
            "\n      Without an editor: ",
            ("interfix complete FILE:LINE:COL", "bold"),
            ", ",
            ("interfix explain FILE:A-B", "bold"),
            ".",
        )
    )


def _ensure_models(settings: Settings) -> ModelSelection:
    with pull_bars() as bar, ThreadPoolExecutor() as threads:
        library = threads.submit(selection.ensure, settings.engine, bar("llama.cpp"))
        choice = model_selection.pull_and_select_models(settings.models, bar("model"))
        library.result()
    if choice.refused:
        raise RoleMismatchError(" ".join(choice.refused.values()))
    return choice


async def _choose_for_speed(console: Console, settings: Settings, engine: HostEngine, choice: ModelSelection) -> ModelSelection:
    """The choice that keeps pace with typing on this machine; measured once, unless the user chose the model."""
    if settings.models.base or choice.base is None or model_selection.has_measured_size():
        return choice
    with console.status("Loading the model and measuring this machine …"):
        taken = min([await measure_line_ms(engine, choice.base) for _ in range(3)])
        busy = psutil.cpu_percent(interval=0.3)
    if taken > SLOW_LINE_MS and busy > BUSY_PERCENT:
        console.print("This machine is busy, so its speed was not measured; the demo does it next time.", style="dim")
        return choice
    model_selection.remember_size(
        "0.5B" if taken > SLOW_LINE_MS else "1.5B", f"a line of ten tokens takes the 1.5B {taken / 1000:.1f} s here"
    )
    return await asyncio.to_thread(_ensure_models, settings)


def _cut_sample() -> tuple[Snapshot, int]:
    """The sample without the line to complete, and the byte offset of the hole, behind its indentation."""
    text = _SAMPLE.read_text("utf-8")
    if _REMOVED_LINE not in text:
        raise UnavailableError(f"{_SAMPLE.name} is not the file the demo was written for; reinstall Interfix.")
    before, after = text.split(_REMOVED_LINE, 1)
    before += _REMOVED_LINE[: len(_REMOVED_LINE) - len(_REMOVED_LINE.lstrip())]
    snapshot = Document(_SAMPLE.as_uri(), f"{before}\n{after}", 0, "python").snapshot()
    return snapshot, len(before.encode())


def _show_completion(console: Console, snapshot: Snapshot, offset: int, suggestion: Suggestion | None) -> None:
    text = snapshot.data.decode()
    line = text.encode()[:offset].decode().count("\n")
    written = suggestion.text if suggestion else ""
    shown = text.encode()[:offset].decode() + written + text.encode()[offset:].decode()
    syntax = Syntax(
        shown,
        "python",
        line_numbers=True,
        line_range=(line + 1 - _SHOWN_LINES, line + 1 + _SHOWN_LINES),
        highlight_lines={line + 1},
        background_color="default",
    )
    console.print(Panel(syntax, title=Text(f"{_SAMPLE.name}, line {line + 1} completed"), title_align="left", border_style="dim"))
    if suggestion:
        console.print(
            Text.assemble("      ", (written.strip(), "bold green")),
            f"\n      {suggestion.ms:.0f} ms with a cold cache: {suggestion.prompt_tokens} tokens read, "
            f"{suggestion.tokens} written",
        )
    else:
        console.print("      The model had nothing to offer here.")
