"""The first thing a user runs: brings llama.cpp and the model, completes a hole, explains code, and says how to go on."""

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
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.syntax import Syntax
from rich.text import Text

from interfix.cli.cli_settings import load_settings
from interfix.cli.demo_suggestion import SAMPLE_NAME, DemoSuggestion, find_suggestion, read_sample
from interfix.cli.installed_pages import locate_page
from interfix.cli.pull_progress import pull_bars
from interfix.commands.command_request import CommandRequest
from interfix.commands.explain import explain
from interfix.commands.instruct_client import InstructClient
from interfix.config.settings import Settings
from interfix.engine.client import HostEngine, create_local_engine
from interfix.engine.line_latency import measure_line_latency
from interfix.engine.llamacpp import library_selection
from interfix.errors import RoleMismatchError
from interfix.models import model_selection
from interfix.models.model_selection import ModelSelection
from interfix.models.role_check import InstructModel
from interfix.models.speed_measurements import MeasuredSpeed, remember_speed
from interfix.output.console_output import Console, write_message

BUSY_PERCENT = 30
"""Where other programs take more of the processors than this, a slow line says nothing about the machine."""

_EXPLAINED = b"def format_price"
_SHOWN_LINES = 6


def demo() -> None:
    """Bring what this machine needs, complete and explain a piece of code, and say how to connect an editor."""
    asyncio.run(_demo(Console(), load_settings()))


async def _demo(console: Console, settings: Settings) -> None:
    choice = await asyncio.to_thread(_ensure_models, settings)
    async with create_local_engine() as engine:
        choice = await _choose_for_speed(console, settings, engine, choice)
        assert choice.base is not None
        assert choice.instruct is not None
        _print_titled(console, "Model", f"{choice.base.name} completes, {choice.instruct.name} explains. {choice.why}\n")
        with _show_step(console, "Completing code in a file made for it"):
            suggestion = await find_suggestion(engine, choice.base, settings.completion)
        if suggestion is None:
            console.print(
                f"{choice.base.name} completed none of five holes in simple code, so something is wrong with it: "
                f"`interfix models inspect {choice.base.path} --probe` says what."
            )
        else:
            _show_suggestion(console, suggestion)
        _print_titled(console, "\nExplained", "by the instruct model: format_price\n")
        await _show_explanation(console, settings, engine, choice.instruct)
    _print_titled(
        console,
        "\nNext",
        f"Connect your editor: {locate_page('editors')}\n"
        "      has VS Code, Neovim, Emacs, Vim, Helix and others. Their server is\n"
        f"      {Path(sysconfig.get_path('scripts')) / 'interfix'} serve\n"
        "      Without an editor: `interfix complete FILE:LINE:COL`, `interfix explain FILE:A-B`.",
    )


def _ensure_models(settings: Settings) -> ModelSelection:
    with pull_bars() as bar, ThreadPoolExecutor() as threads:
        library = threads.submit(library_selection.prepare_library, settings.engine, bar("llama.cpp"))
        choice = model_selection.pull_and_select_models(settings.models, bar("model"))
        library.result()
    if choice.refused:
        raise RoleMismatchError(" ".join(choice.refused.values()))
    return choice


async def _choose_for_speed(console: Console, settings: Settings, engine: HostEngine, choice: ModelSelection) -> ModelSelection:
    """The choice that keeps pace with typing on this machine; the choice is remembered, unless the user chose the model."""
    assert choice.base is not None
    with _show_step(console, f"Loading {choice.base.name} and measuring this machine"):
        measured = await measure_line_latency(engine, choice.base)
        busy = psutil.cpu_percent(interval=0.3)
    _print_titled(
        console,
        "Speed",
        f"{choice.base.name} reads {measured.prefill_tokens_per_second:.0f} prompt tokens a second here and writes "
        f"{measured.generated_tokens_per_second:.0f}; a line of ten tokens takes {measured.line_ms:.0f} ms.",
    )
    if settings.models.base or model_selection.has_measured_speed(Path(choice.base.path).parent):
        return choice
    if measured.line_ms > model_selection.MAX_LINE_MS and busy > BUSY_PERCENT:
        console.print(
            f"       Other programs use {busy:.0f}% of the processors. It is measured again when the machine is quiet, and "
            "the model chosen then.",
            soft_wrap=True,
        )
        return choice
    speed = MeasuredSpeed(measured.line_ms, measured.prefill_tokens_per_second, measured.generated_tokens_per_second)
    remember_speed(Path(choice.base.path), speed)
    return await asyncio.to_thread(_ensure_models, settings)


def _show_suggestion(console: Console, demo: DemoSuggestion) -> None:
    snapshot, offset, suggestion = demo.hole.snapshot, demo.hole.offset, demo.suggestion
    before = snapshot.data[:offset].decode() + demo.typed_text
    line = before.count("\n") + 1
    syntax = Syntax(
        before + suggestion.text + snapshot.data[offset:].decode(),
        "python",
        line_numbers=True,
        line_range=(line - _SHOWN_LINES, line + _SHOWN_LINES),
        highlight_lines={line},
        background_color="default",
    )
    console.print(Panel(syntax, title=f"{SAMPLE_NAME}, line {line} completed", title_align="left", border_style="dim"))
    console.print(Text(f"      {suggestion.text.strip()}", "bold green"))
    console.print(
        f"      the first time       {suggestion.ms:6.0f} ms: {suggestion.prompt_tokens} tokens read, {suggestion.tokens} written\n"
        f"      one keystroke later  {demo.keystroke_ms:6.0f} ms: only what changed is read\n"
        f"      typing along with it {demo.typed_along_ms:6.1f} ms: nothing is computed"
    )


async def _show_explanation(console: Console, settings: Settings, engine: HostEngine, model: InstructModel) -> None:
    sample = read_sample()
    start = sample.data.index(_EXPLAINED)
    request = CommandRequest(sample, start, len(sample.data))
    text = ""
    async with aclosing(explain(InstructClient(engine, model, settings), request)) as pieces:
        with Live("  reading …", console=console, vertical_overflow="visible", transient=not console.is_terminal) as live:
            async for piece in pieces:
                text += piece
                live.update(Padding(Markdown(text, hyperlinks=False), (0, 2)))
    if not console.is_terminal:
        console.print(text.strip())


def _show_step(console: Console, what: str) -> Progress:
    """A line that says what takes so long, and for how long already; gone when it is done."""
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description} …", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    progress.add_task(what, total=None)
    if not console.is_terminal:
        progress.disable = True
        write_message(f"{what} …", error=True)
    return progress


def _print_titled(console: Console, title: str, text: str) -> None:
    console.print(Text.assemble((title, "bold"), f"  {text}"), soft_wrap=True)
