"""`interfix tune`: shows each setup that is tried and the result."""

import asyncio
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from interfix.cli.cli_settings import load_settings
from interfix.cli.options import JsonOption, ModelOption
from interfix.cli.required_models import require_base_model
from interfix.engine import client, llama_build
from interfix.engine.tuning.search import MIN_AGREEMENT, TrialResult, TuningResult
from interfix.engine.tuning.tune import tune as measure
from interfix.engine.tuning.tuning_store import TuningStore
from interfix.output.console_output import Console, write_json

UndoOption = Annotated[bool, typer.Option("--undo", help="Run the model as it was published, and delete weights stored anew.")]


def tune(model: ModelOption = "", undo: UndoOption = False, json: JsonOption = False) -> None:
    """Measure this machine for about three minutes and keep the fastest way to run the model that completes. It also happens by
    itself, while nobody asks for anything.

    Tries how the weights are stored, flash attention, threads and batch sizes; what changes what the model says is not taken. Sets
    the length of the prompt so that a keystroke meets completion.latency_ms. Nothing else should compute meanwhile.
    """
    settings = load_settings(base=model, local_only=True)
    base_model = require_base_model(settings)
    asyncio.run(client.stop_hosts())
    console = Console(stderr=json)
    if undo:
        TuningStore(llama_build.identify_build()).undo(base_model.path)
        if json:
            write_json({"model": base_model.name, "undone": True})
        else:
            console.print(f"{base_model.name} runs as it was published.")
        return
    target = settings.completion.latency_ms
    with console.status(f"measuring {base_model.name} …") as status:
        result = measure(base_model.path, target, lambda tried: status.update(f"{tried.name}: {_format_speed(tried)}"))
    if json:
        write_json({"model": base_model.name, "gain": round(result.gain, 2), **msgspec.structs.asdict(result)})
        return
    console.print(_table(base_model.name, result))
    console.print(_summarize(result, target))


def _table(name: str, result: TuningResult) -> Table:
    table = Table(title=name, title_justify="left")
    for heading in ("setup", "prompt tokens/s", "keystroke ms", "token ms", "line ms", "same tokens", ""):
        table.add_column(heading, justify="left" if heading in ("setup", "") else "right")
    for tried in result.tried:
        figures = tried.figures
        mark = "kept" if tried == result.best else "says other things" if tried.agreement < MIN_AGREEMENT else ""
        if figures is None:
            table.add_row(tried.name, "does not work here", style="dim")
        else:
            speeds = (figures.prompt_tokens_s, figures.keystroke_ms, figures.token_ms, figures.compute_line_ms())
            cells = [f"{speed:.0f}" for speed in speeds]
            table.add_row(tried.name, *cells, f"{tried.agreement:.1%}", mark, style="bold" if tried == result.best else None)
    return table


def _summarize(result: TuningResult, target: float) -> str:
    met = (
        "" if result.line_ms <= target else f"That misses the {target} ms of completion.latency_ms; a smaller model would meet it. "
    )
    note = f"\n({result.note}.)" if result.note else ""
    return (
        f"A prompt is read {result.gain:.1f} times as fast as with the published file and llama.cpp's own settings. "
        "With prompts of "
        f"{result.prompt_tokens} tokens a keystroke gives a line of ten tokens in {result.line_ms:.0f} ms. {met}"
        f"It is remembered for this machine and this build; `interfix tune --undo` goes back.{note}"
    )


def _format_speed(trial: TrialResult) -> str:
    return f"{trial.figures.prompt_tokens_s:.0f} prompt tokens/s" if trial.figures else "does not work here"
