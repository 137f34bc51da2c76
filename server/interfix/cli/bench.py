"""The command group `bench`: what users and those who run a server measure. Developers' benches are in tests/bench."""

from pathlib import Path
from typing import Annotated, Any

import typer

from interfix.cli.cli_settings import load_settings
from interfix.cli.options import ModelOption
from interfix.cli.required_models import require_base_model
from interfix.config.settings import Settings
from interfix.errors import UsageError

EngineOption = Annotated[str, typer.Option("--engine", metavar="KIND", help="openai, llama-server or ollama; else as configured.")]
UrlOption = Annotated[str, typer.Option("--url", metavar="URL", help="The server's address; else as configured.")]
ServedModelOption = Annotated[str, typer.Option("--model", metavar="NAME", help="The server's name for the model.")]
CodeArgument = Annotated[Path | None, typer.Argument(metavar="PATH", help="Code to type; none: some of Python's own.")]
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", help="Another number types elsewhere.")]
MinutesOption = Annotated[
    float | None,
    typer.Option("--minutes", metavar="N", min=0.05, help="Take so long at most: a sample that fits; none: all of it."),
]
PauseOption = Annotated[
    float, typer.Option("--pause", metavar="N", min=0, help="Median pause between two places in the code, seconds.")
]

app = typer.Typer(name="bench", help="Measure completion on this machine.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Measure completion on this machine."""


@app.command()
def infill(
    cases: Annotated[Path, typer.Argument(metavar="CASES.jsonl[.gz]", help="One {id, path, language, prefix, suffix} a line.")],
    root: Annotated[
        Path | None, typer.Option("--root", metavar="PATH", help="The workspace that the cases' paths belong to.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Only the first so many.")] = None,
    minutes: MinutesOption = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="PATH", help="Write {id, completion, ms} lines here.")] = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="PATH", help="What --out wrote before: compare, and compute the same prompt once."),
    ] = None,
    without: Annotated[list[str] | None, typer.Option("--without", metavar="SOURCE", help="Leave a source of context out.")] = None,
    window: Annotated[str, typer.Option("--window", metavar="syntax|plain", help="plain: 256 lines before, 64 after.")] = "syntax",
    prompt_tokens: Annotated[
        int | None, typer.Option("--prompt-tokens", metavar="N", min=64, help="Most tokens of a prompt.")
    ] = None,
    model: ModelOption = "",
) -> None:
    """Run fill-in-the-middle cases through the whole server, as a headless editor would."""
    from interfix.bench.infill import run
    from interfix.context.sources import ASKED_SOURCE, SOURCES

    source_names = [source.name for source in (*SOURCES, ASKED_SOURCE)]
    unknown = sorted({*(without or ())} - {*source_names})
    if unknown:
        names = ", ".join(source_names)
        raise UsageError(f"There is no source {unknown[0]!r}; there are {names}.")
    if window not in ("syntax", "plain"):
        raise UsageError(f"There is no window {window!r}; there are syntax and plain.")
    # Whole prompts, however long they take: what comes of them is not to depend on the machine.
    settings: dict[str, dict[str, Any]] = {"context": {"window": window, "without": without or []}, "completion": {"asked_ms": 0}}
    if prompt_tokens is not None:
        settings["completion"]["prompt_tokens"] = prompt_tokens
    if model:
        settings["models"] = {"base": model}
    run(cases, root=root, out=out, limit=limit, minutes=minutes, baseline=baseline, settings=settings)


@app.command()
def nextedit(
    cases: Annotated[
        Path,
        typer.Argument(metavar="CASES.jsonl[.gz]", help="One {id, path, before, history, text, …} a line."),
    ],
    out: Annotated[Path | None, typer.Option("--out", metavar="PATH", help="Write {id, text, ms} lines here.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Only the first so many.")] = None,
    pause: Annotated[float, typer.Option("--pause", metavar="N", min=0, help="Time between two keys, ms.")] = 0.0,
    minutes: MinutesOption = None,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="FILE|none",
            help="A next-edit model's file, or a base model's, which fills lines; none: rules alone.",
        ),
    ] = "",
) -> None:
    """Make changes of real files up to some point, as a user would, and see whether the next edit is the author's."""
    from interfix.bench.next_edit import choose_model_settings, run

    run(cases, out=out, limit=limit, pause_ms=pause, minutes=minutes, settings=choose_model_settings(model))


@app.command()
def latency(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="Two or more; none: some of Python's own.")] = None,
    places: Annotated[int, typer.Option("--places", metavar="N", min=1, help="Places to type at in each file.")] = 1,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another number types at other places.")] = 1,
    minutes: MinutesOption = None,
    model: ModelOption = "",
) -> None:
    """Replay typing and show what a keystroke costs, with the KV cache spliced, reused as a prefix, and not reused."""
    from interfix.bench.kv_reuse_latency import run

    settings = load_settings(base=model, local_only=True)
    run(require_base_model(settings), settings, files or (), site_count=places, seed=seed, minutes=minutes)


@app.command()
def calibrate(
    cases: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...|CASES.jsonl[.gz]", help="Your own code, or cases with an `expected` text.")
    ],
    root: Annotated[
        Path | None, typer.Option("--root", metavar="PATH", help="The workspace that the cases' paths belong to.")
    ] = None,
    precision: Annotated[
        float, typer.Option("--precision", metavar="N", min=0.05, max=0.99, help="The share of what is shown that should be right.")
    ] = 0.65,
    silence_cost: Annotated[
        float,
        typer.Option(
            "--silence-cost",
            metavar="N",
            min=0.1,
            max=10.0,
            help="What silence costs where it would have been right; showing what is wrong: 1.",
        ),
    ] = 1.5,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Only the first so many.")] = None,
    minutes: MinutesOption = None,
    records: Annotated[
        Path | None, typer.Option("--records", metavar="FILE.jsonl", help="Keep what came of each case, and go on from there.")
    ] = None,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE.svg", help="Draw precision and recall here.")] = None,
    save: Annotated[bool, typer.Option(help="Keep what was found, and use it from the next session on.")] = True,
    model: ModelOption = "",
) -> None:
    """Find out from which confidence on a suggestion is worth showing."""
    from interfix.bench.calibration_run import run

    settings = {"models.base": model} if model else None
    run(
        cases,
        root=root,
        target=precision,
        silence_cost=silence_cost,
        limit=limit,
        minutes=minutes,
        records=records,
        svg_path=plot,
        save=save,
        settings=settings,
    )


@app.command()
def replay(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder of source files, or one file.")],
    files: Annotated[int, typer.Option("--files", metavar="N", min=1, help="Files to type into, at one place each.")] = 6,
    minutes: MinutesOption = None,
    seed: SeedOption = 1,
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="type-through|ahead|context", help="Leave this out; may be repeated.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page with charts and the text.")] = None,
    model: ModelOption = "",
) -> None:
    """Type real files as somebody would, and see how much of it suggestions take over."""
    from interfix.bench.typing_replay import run

    own = {"models.base": model} if model else None
    run(path, files=files, minutes=minutes, seed=seed, without=without or (), html=html, settings=own)


@app.command("server-load")
def server_load(
    path: CodeArgument = None,
    users: Annotated[int, typer.Option("--users", metavar="N", min=1, help="Developers who type at once.")] = 1,
    minutes: Annotated[float, typer.Option("--minutes", metavar="N", min=0.05, help="How long they type.")] = 1.0,
    seed: SeedOption = 1,
    pause: PauseOption = 5.0,
    engine: EngineOption = "",
    url: UrlOption = "",
    model: ServedModelOption = "",
) -> None:
    """Have developers type at a server at once, and see how soon it answers, what is cancelled and what fails."""
    from interfix.bench.server_load import run

    run(load_server_settings(engine, url, model), developer_count=users, minutes=minutes, seed=seed, pause_seconds=pause, path=path)


@app.command("server-demand")
def server_demand(
    path: CodeArgument = None,
    minutes: Annotated[float, typer.Option("--minutes", metavar="N", min=0.1, help="Minutes of typing.")] = 5.0,
    first_token_ms: Annotated[
        float, typer.Option("--first-token-ms", metavar="N", min=0, help="The server's first token is there so soon.")
    ] = 150.0,
    next_token_ms: Annotated[float, typer.Option("--next-token-ms", metavar="N", min=0, help="And each further one.")] = 15.0,
    seed: SeedOption = 1,
    pause: PauseOption = 5.0,
    engine: EngineOption = "",
    url: UrlOption = "",
    model: ServedModelOption = "",
) -> None:
    """Count what one developer asks of a server that is so fast, however fast it is here."""
    from interfix.bench.developer_demand import ServerSpeed, run

    run(
        load_server_settings(engine, url, model),
        ServerSpeed(first_token_ms, next_token_ms),
        minutes=minutes,
        seed=seed,
        pause_seconds=pause,
        path=path,
    )


def load_server_settings(engine: str, url: str, model: str) -> Settings:
    """The settings with the server that is given on the command line. Raises `UsageError` where there is none there either."""
    given = {f"base.{name}": value for name, value in (("engine", engine), ("url", url), ("model", model)) if value}
    settings = load_settings(flags=given)
    if settings.base.engine == "local":
        raise UsageError("This measures a server: name one with --engine and --url, or configure base.engine.")
    return settings
