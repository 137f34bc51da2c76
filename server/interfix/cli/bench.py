"""The measuring commands. Knows their flags and how to print a table and a JSON line."""

from pathlib import Path
from typing import Annotated, Any

import typer

from interfix.cli.cli_settings import load_settings
from interfix.cli.complete import ModelOption, require_base_model, require_instruct_model
from interfix.config.settings import Settings
from interfix.errors import UsageError

EngineOption = Annotated[str, typer.Option("--engine", metavar="KIND", help="openai, llama-server or ollama; else as configured.")]
UrlOption = Annotated[str, typer.Option("--url", metavar="URL", help="The server's address; else as configured.")]
ServedModelOption = Annotated[str, typer.Option("--model", metavar="NAME", help="The server's name for the model.")]
CodeArgument = Annotated[Path | None, typer.Argument(metavar="[PATH]", help="Code to type; none: some of Python's own.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Another number types elsewhere.")]
ThinkOption = Annotated[float, typer.Option("--think", min=0, help="Median pause between two places in the code, seconds.")]

app = typer.Typer(name="bench", help="Measure completion on this machine.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Measure completion on this machine."""


@app.command()
def infill(
    cases: Annotated[Path, typer.Argument(metavar="CASES.jsonl[.gz]", help="One {id, path, language, prefix, suffix} a line.")],
    root: Annotated[Path | None, typer.Option("--root", help="The workspace that the cases' paths belong to.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write {id, completion, ms} lines here.")] = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", help="What --out wrote before: compare, and compute the same prompt once.")
    ] = None,
    without: Annotated[list[str] | None, typer.Option("--without", metavar="SOURCE", help="Leave a source of context out.")] = None,
    window: Annotated[str, typer.Option("--window", metavar="syntax|plain", help="plain: 256 lines before, 64 after.")] = "syntax",
    prompt_tokens: Annotated[int | None, typer.Option("--prompt-tokens", min=64, help="Most tokens of a prompt.")] = None,
    model: ModelOption = "",
) -> None:
    """Run fill-in-the-middle cases through the whole server, as a headless editor would."""
    from interfix.bench.infill import run
    from interfix.context.providers import SOURCES

    unknown = sorted({*(without or ())} - {source.name for source in SOURCES})
    if unknown:
        names = ", ".join(source.name for source in SOURCES)
        raise UsageError(f"There is no source {unknown[0]!r}; there are {names}.")
    if window not in ("syntax", "plain"):
        raise UsageError(f"There is no window {window!r}; there are syntax and plain.")
    settings: dict[str, dict[str, Any]] = {"context": {"window": window, "without": without or []}}
    if prompt_tokens is not None:
        settings["completion"] = {"prompt_tokens": prompt_tokens}
    if model:
        settings["models"] = {"base": model}
    run(cases, root=root, out=out, limit=limit, baseline=baseline, settings=settings)


@app.command()
def documents(
    names: Annotated[list[str] | None, typer.Argument(metavar="[LANGUAGE]...", help="Folders under grammars/; none: all.")] = None,
    lines: Annotated[int, typer.Option("--lines", min=1000, help="How long the files are.")] = 50_000,
) -> None:
    """Type in long files, one a language, and show what an edit costs, its parse included."""
    from interfix.bench.parse_latency import run

    run(lines, names or [])


@app.command()
def latency(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Two or more; none: some of Python's own.")
    ] = None,
    places: Annotated[int, typer.Option("--places", min=1, help="Places to type at in each file.")] = 1,
    seed: Annotated[int, typer.Option("--seed", help="Another number types at other places.")] = 1,
    model: ModelOption = "",
) -> None:
    """Replay typing and show what a keystroke costs, with the KV cache spliced, reused as a prefix, and not reused."""
    from interfix.bench.keystroke_latency import run

    settings = load_settings(base=model, local_only=True)
    run(require_base_model(settings), settings, files or (), site_count=places, seed=seed)


@app.command()
def calibrate(
    cases: Annotated[
        Path, typer.Argument(metavar="FOLDER|CASES.jsonl[.gz]", help="Your own code, or cases with an `expected` text.")
    ],
    root: Annotated[Path | None, typer.Option("--root", help="The workspace that the cases' paths belong to.")] = None,
    target: Annotated[
        float, typer.Option("--target", min=0.05, max=0.99, help="The share of what is shown that should be right.")
    ] = 0.6,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many.")] = None,
    picture: Annotated[Path | None, typer.Option("--picture", metavar="FILE.svg", help="Draw precision and recall here.")] = None,
    save: Annotated[bool, typer.Option(help="Keep what was found, and use it from the next session on.")] = True,
    model: ModelOption = "",
) -> None:
    """Find out from which confidence on a suggestion is worth showing."""
    from interfix.bench.confidence_calibration import run

    settings = {"models.base": model} if model else None
    run(cases, root=root, target=target, limit=limit, svg_path=picture, save=save, settings=settings)


@app.command()
def replay(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder of source files, or one file.")],
    files: Annotated[int, typer.Option("--files", min=1, help="Files to type into, at one place each.")] = 6,
    seed: SeedOption = 1,
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="type-through|ahead|context", help="Leave this out; may be repeated.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page with charts and the text.")] = None,
    model: ModelOption = "",
) -> None:
    """Type real files as somebody would, and see how much of it suggestions take over."""
    from interfix.bench.replay import run

    run(path, files=files, seed=seed, without=without or (), html=html, settings={"models.base": model} if model else None)


@app.command()
def sessions(
    cases: Annotated[Path, typer.Argument(metavar="CASES.jsonl[.gz]", help="As for `bench infill`, with {expected, kind}.")],
    kinds: Annotated[str, typer.Option("--kinds", help="Kinds of cases to type, with commas between them.")] = "tail,line",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many.")] = None,
    model: ModelOption = "",
) -> None:
    """Type cases as sessions and compare what is suggested with the KV cache spliced to what full decoding suggests."""
    from interfix.bench.splice_fidelity import run

    settings = load_settings(base=model, local_only=True)
    run(cases, require_base_model(settings), settings, kinds=kinds.split(","), limit=limit)


@app.command()
def soak(
    minutes: Annotated[float, typer.Option("--minutes", min=0.5, help="How long to type.")] = 20.0,
    seed: Annotated[int, typer.Option("--seed", help="Another number types in another rhythm.")] = 1,
) -> None:
    """Type in two windows while an explanation is written, and look for memory that grows and requests without a reply."""
    from interfix.bench.soak import run

    run(minutes, seed=seed)


@app.command()
def engine(model: ModelOption = "") -> None:
    """Measure the host against a bare decode loop, and how fast it lets go, gives way and copies."""
    from interfix.bench.engine import run

    settings = load_settings(base=model, instruct=model, local_only=True)
    run(require_base_model(settings), require_instruct_model(settings))


@app.command()
def commands(
    only: Annotated[str, typer.Option("--only", metavar="COMMAND", help="Only its tasks, such as those of refactor.")] = "",
    task: Annotated[str, typer.Option("--task", metavar="NAME", help="Only tasks whose names have this in them.")] = "",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many edits and explanations.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.jsonl", help="Add each outcome here; what it has is not done again.")
    ] = None,
    model: ModelOption = "",
) -> None:
    """Edit and explain code in five languages, and run the outcome: code that a model wrote runs on this machine."""
    from interfix.bench.command_quality import run

    settings = load_settings(instruct=model, local_only=True)
    run(require_instruct_model(settings), settings, command=only, name_part=task, limit=limit, out=out)


@app.command()
def load(
    path: CodeArgument = None,
    users: Annotated[int, typer.Option("--users", min=1, help="Developers who type at once.")] = 1,
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="How long they type.")] = 60.0,
    seed: SeedOption = 1,
    think: ThinkOption = 5.0,
    engine: EngineOption = "",
    url: UrlOption = "",
    model: ServedModelOption = "",
) -> None:
    """Have developers type at a server at once, and see how soon it answers, what is cancelled and what fails."""
    from interfix.bench.server_load import run

    run(_server_settings(engine, url, model), developer_count=users, seconds=seconds, seed=seed, pause_seconds=think, path=path)


@app.command()
def demand(
    path: CodeArgument = None,
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help="Minutes of typing.")] = 5.0,
    first_ms: Annotated[float, typer.Option("--first-ms", min=0, help="The server's first token is there so soon.")] = 150.0,
    token_ms: Annotated[float, typer.Option("--token-ms", min=0, help="And each further one.")] = 15.0,
    seed: SeedOption = 1,
    think: ThinkOption = 5.0,
    engine: EngineOption = "",
    url: UrlOption = "",
    model: ServedModelOption = "",
) -> None:
    """Count what one developer asks of a server that is so fast, however fast it is here."""
    from interfix.bench.server_demand import ServerSpeed, run

    run(
        _server_settings(engine, url, model),
        ServerSpeed(first_ms, token_ms),
        minutes=minutes,
        seed=seed,
        pause_seconds=think,
        path=path,
    )


@app.command()
def agreement(
    cases: Annotated[Path, typer.Argument(metavar="CASES.jsonl[.gz]", help="As for `bench infill`.")],
    kinds: Annotated[str, typer.Option("--kinds", help="Kinds of cases, with commas between them.")] = "tail,line",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only so many, drawn by the seed.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another number draws others.")] = 1,
    prompt_tokens: Annotated[int, typer.Option("--prompt-tokens", min=64, help="Most tokens of a prompt.")] = 1024,
    local: Annotated[str, typer.Option("--local", metavar="NAME", help="The local model with the same weights.")] = "",
    engine: EngineOption = "",
    url: UrlOption = "",
    model: ServedModelOption = "",
) -> None:
    """Complete cases with a server and with the local engine, and see where they say the same."""
    from interfix.bench.remote_agreement import run

    here = require_base_model(load_settings(base=local, local_only=True))
    given = _server_settings(engine, url, model)
    run(cases, here, given, kinds=kinds.split(","), prompt_tokens=prompt_tokens, limit=limit, seed=seed)


@app.command()
def survival(
    path: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="Code to feed; none: published packages.")] = None,
    files: Annotated[int, typer.Option("--files", min=1, help="At most so many of a language.")] = 45,
    seed: Annotated[int, typer.Option("--seed", help="Another number draws other files and cursors.")] = 1,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="LANGUAGE", help="A folder under grammars/, or text.")] = None,
    losses: Annotated[Path | None, typer.Option("--losses", metavar="FILE.jsonl", help="Write what was lost here.")] = None,
) -> None:
    """Feed real code as a model's output, and see how much of it the rules let through and which of them cut it."""
    from interfix.bench.survival import run

    run(path, files=files, seed=seed, only=only or [], losses=losses)


def _server_settings(engine: str, url: str, model: str) -> Settings:
    """The settings with the server that is given on the command line. Raises `BadUsage` where there is none there either."""
    given = {f"base.{name}": value for name, value in (("engine", engine), ("url", url), ("model", model)) if value}
    settings = load_settings(flags=given)
    if settings.base.engine == "local":
        raise UsageError("This measures a server: name one with --engine and --url, or configure base.engine.")
    return settings
