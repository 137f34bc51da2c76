"""The command line of the developers' benches: `python -m tests.bench`. Each prints a table and one JSON line."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from interfix.cli.bench import EngineOption, ServedModelOption, UrlOption, load_server_settings
from interfix.cli.cli_settings import load_settings
from interfix.cli.options import ModelOption
from interfix.cli.required_models import require_base_model, require_instruct_model
from interfix.context.names.name_position import PositionKind
from interfix.engine.client import create_local_engine
from interfix.errors import InterfixError
from interfix.models.role_check import BaseModel, make_probe_models
from interfix.output.console_output import write_message
from tests.bench import attacks as attacking
from tests.bench import command_quality as commands
from tests.bench import editor_typing as editor_typings
from tests.bench import engine_overhead as overhead
from tests.bench import guide_cost as guides
from tests.bench import http_front as fronts
from tests.bench import keystroke_cost as costs
from tests.bench import llama_vim_typing as llama_vim
from tests.bench import name_guide
from tests.bench import next_edit_fills as fills
from tests.bench import next_edit_weights as weights
from tests.bench import parse_latency as parses
from tests.bench import rule_survival as rules
from tests.bench import server_agreement as agreement
from tests.bench import session_replay as sessions
from tests.bench import soak as soaking
from tests.bench import splice_fidelity as splices
from tests.bench.editor_typing import EditorKind, EditorTypingOptions
from tests.fake_engine import FakeEngine

CasesArgument = Annotated[
    Path, typer.Argument(metavar="CASES.jsonl[.gz]", help="As for `interfix bench infill`, with {expected, kind}.")
]
KindsOption = Annotated[str, typer.Option("--kinds", help="Kinds of cases, with commas between them.")]
LimitOption = Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Another number draws others.")]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def attacks(
    messages: Annotated[int, typer.Option("--messages", min=0, help="Mutated messages to the server.")] = 20_000,
    cancels: Annotated[int, typer.Option("--cancels", min=0, help="Completions that are cancelled.")] = 10_000,
    connections: Annotated[int, typer.Option("--connections", min=0, help="Connections with garbage on them.")] = 1_500,
    headers: Annotated[int, typer.Option("--headers", min=0, help="Model files with faults in their headers.")] = 10_000,
    seed: SeedOption = 1,
) -> None:
    """Send the real server, its port and the reader of model files what nobody should; count what goes wrong."""
    attacking.run(messages=messages, cancels=cancels, connections=connections, headers=headers, seed=seed)


@app.command()
def command_quality(
    command: Annotated[str, typer.Option("--command", help="Only its tasks, such as those of refactor.")] = "",
    name_filter: Annotated[
        str, typer.Option("--task-filter", metavar="TEXT", help="Only tasks whose names have this in them.")
    ] = "",
    limit: LimitOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE.jsonl", help="Add each result here; what it has is not done again.")
    ] = None,
    model: ModelOption = "",
) -> None:
    """Edit and explain code in five languages, and run the outcome: code that a model wrote runs on this machine."""
    settings = load_settings(instruct=model, local_only=True)
    commands.run(require_instruct_model(settings), settings, command=command, name_part=name_filter, limit=limit, out=output)


@app.command()
def engine_overhead(model: ModelOption = "") -> None:
    """Measure the host against a bare decode loop, and how fast it cancels, pre-empts and copies."""
    settings = load_settings(base=model, instruct=model, local_only=True)
    overhead.run(require_base_model(settings), require_instruct_model(settings))


@app.command()
def editor_typing(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="Code whose functions are typed.")],
    editor: Annotated[EditorKind, typer.Option("--editor", help="To type in.")],
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help="How long to type, in all folders together.")] = 30.0,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="FOLDER", help="Keep keys, messages, and a picture of each place here.")
    ] = None,
    oracle: Annotated[bool, typer.Option("--oracle", help="An engine that knows the files answers in the model's place.")] = False,
    model: ModelOption = "",
    seed: SeedOption = 1,
) -> None:
    """Type functions of real files in a real editor as the replay's typist does: what is shown, taken and missed, and why."""
    base = require_base_model(load_settings(base=model, local_only=True))
    editor_typings.run(folders, base, EditorTypingOptions(editor, minutes, seed, record, oracle))


@app.command()
def next_edit_weights(
    prior: Annotated[
        Path, typer.Argument(metavar="MANY.jsonl[.gz]", help="Cases of any origin, as for `interfix bench nextedit`.")
    ],
    near: Annotated[Path, typer.Argument(metavar="FEW.jsonl[.gz]", help="Cases that are like single commits.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.toml", help="Where to write the weights.")],
    only: Annotated[str, typer.Option("--only", metavar="KIND", help="One kind of candidate; the weights of others stay.")] = "",
) -> None:
    """Measure how much each kind of evidence for a next edit counts."""
    weights.measure(prior, near, out, only)


@app.command()
def next_edit_fills(
    cases: Annotated[Path, typer.Argument(metavar="CASES.jsonl[.gz]", help="As for `interfix bench nextedit`.")],
    model: Annotated[Path, typer.Option("--model", metavar="FILE", help="A base model's file.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="ROWS.jsonl", help="Where rows are appended; a run goes on behind the last.")
    ],
    minutes: Annotated[float, typer.Option("--minutes", min=0, help="End after so many.")] = 10.0,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Only so many cases, drawn at random.")] = 1000,
    every: Annotated[
        bool, typer.Option("--every", help="All spans in their order, not the right and the wrong ones by turns.")
    ] = False,
) -> None:
    """Record what a base model writes into the lines that rules find stale, and whether it is right."""
    base, _ = make_probe_models(model.stem, model)
    if base is None:
        raise typer.BadParameter(f"{model.name} cannot complete inside a file.")
    fills.record(cases, base, out, minutes=minutes, limit=limit, every=every)


@app.command()
def next_edit_fill_weights(
    cases: Annotated[Path, typer.Argument(metavar="MANY.jsonl[.gz]", help="Tell which lines are stale.")],
    near: Annotated[Path, typer.Argument(metavar="FEW.jsonl[.gz]", help="Like single commits: tell how often they are.")],
    rows: Annotated[list[str], typer.Option("--rows", metavar="MODEL=ROWS.jsonl", help="What `next-edit-fills` has recorded.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.toml", help="Where to write the weights.")],
    limit: Annotated[int, typer.Option("--limit", min=1, help="Only so many cases, drawn at random.")] = 1000,
) -> None:
    """Measure how much each kind of evidence for a stale span, and for a model's text of it, counts."""
    paths_by_name = {name: Path(path) for name, _, path in (each.partition("=") for each in rows)}
    fills.measure(cases, near, paths_by_name, out, limit)


@app.command()
def http_front(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Source files to type in.")],
    sites: Annotated[int, typer.Option("--sites", min=1, help="Places to type at.")] = 3,
    keys: Annotated[int, typer.Option("--keys", min=2, help="Keys at each place, at most.")] = 60,
    tokens: Annotated[int, typer.Option("--tokens", min=1, help="Tokens an answer has at most; llama.vim's default is 128.")] = 8,
    model: ModelOption = "",
    seed: SeedOption = 1,
) -> None:
    """Type with llama.vim's own requests against llama-server and against `interfix serve --http`: tokens and first token a key."""
    base = require_base_model(load_settings(base=model, local_only=True))
    fronts.run(folder, base, site_count=sites, key_count=keys, max_tokens=tokens, seed=seed)


@app.command()
def keystroke_cost(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="Workspaces to type in.")],
    sites: Annotated[int, typer.Option("--sites", min=1, help="Places to type at in each.")] = 3,
    seed: SeedOption = 1,
) -> None:
    """Type in workspaces with a model that answers at once: time of the event loop a keystroke, and of the sources a line."""
    costs.run(folders, load_settings(local_only=True), site_count=sites, seed=seed)


@app.command()
def llama_vim_typing(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Source files to type in.")],
    files: Annotated[int, typer.Option("--files", min=1, help="Files to type into, at one place each.")] = 6,
    model: ModelOption = "",
    seed: SeedOption = 1,
) -> None:
    """Type the same with Interfix and with llama.vim against llama-server: what each saved, showed and decoded."""
    llama_vim.run(folder, require_base_model(load_settings(base=model, local_only=True)), files=files, seed=seed)


@app.command()
def names(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="Workspaces whose names to write again.")],
    language: Annotated[str, typer.Option("--language", help="A folder under grammars/.")] = "python",
    kind: Annotated[str, typer.Option("--kind", help="Of names: member, import, argument, field.")] = "member",
    places: Annotated[int, typer.Option("--places", min=1, help="Names, of all folders together.")] = 120,
    seed: SeedOption = 1,
    server: Annotated[str, typer.Option("--language-server", metavar="COMMAND", help="Guides, as an editor's would.")] = "",
    judge: Annotated[str, typer.Option("--judge", metavar="COMMAND", help="Another language server: says what exists.")] = "",
    prompt_tokens: Annotated[int, typer.Option("--prompt-tokens", min=64, help="Most tokens of a prompt.")] = 1024,
    with_model: Annotated[bool, typer.Option("--write/--no-write", help="Have the model write, too.")] = True,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE.jsonl", help="Add each place here; what it has is not done again.")
    ] = None,
    model: ModelOption = "",
) -> None:
    """Write names of real code with guides and without, and see what the guides refuse that people wrote."""
    settings = load_settings(base=model, local_only=True)
    options = name_guide.NameBenchOptions(language, PositionKind[kind.upper()], places, seed, server, judge, prompt_tokens, output)
    name_guide.run(folders, settings, require_base_model(settings) if with_model else None, options)


@app.command()
def guide_cost(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="Workspaces whose members to type.")],
    language: Annotated[str, typer.Option("--language", help="A folder under grammars/.")] = "python",
    places: Annotated[int, typer.Option("--places", min=1, help="Members, of each folder.")] = 30,
    seed: SeedOption = 1,
    server_ms: Annotated[int, typer.Option("--server-ms", min=0, help="So long the played language server takes, ms.")] = 20,
    offered: Annotated[int, typer.Option("--offered", min=0, help="So many names it offers beside the file's own.")] = 100,
    with_model: Annotated[bool, typer.Option("--model-writes/--answer-at-once", help="Or a fake answers.")] = True,
    model: ModelOption = "",
) -> None:
    """Type members with a guide and without, in turns: the time from a key to its suggestion, and the ratio of the medians."""
    settings = load_settings(base=model, local_only=True)
    options = guides.GuideCostOptions(language, places, seed, server_ms, offered)
    if with_model:
        guides.run(folders, settings, create_local_engine(), require_base_model(settings), options)
    else:
        guides.run(folders, settings, FakeEngine("value\n"), BaseModel("fake-base", "/fake.gguf"), options)


@app.command()
def parse_latency(
    languages: Annotated[
        list[str] | None, typer.Argument(metavar="[LANGUAGE]...", help="Folders under grammars/; none: all.")
    ] = None,
    lines: Annotated[int, typer.Option("--lines", min=1000, help="How long the files are.")] = 50_000,
) -> None:
    """Type in long files, one a language, and show what an edit costs, its parse included."""
    parses.run(lines, languages or [])


@app.command()
def rule_survival(
    path: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="Code to feed; none: published packages.")] = None,
    files: Annotated[int, typer.Option("--files", min=1, help="At most so many of a language.")] = 45,
    seed: SeedOption = 1,
    languages: Annotated[list[str] | None, typer.Option("--language", help="Only this: a folder under grammars/, or text.")] = None,
    losses: Annotated[Path | None, typer.Option("--losses", metavar="FILE.jsonl", help="Write what was lost here.")] = None,
) -> None:
    """Feed real code as a model's output, and see how much of it the rules let through and which of them cut it."""
    rules.run(path, files=files, seed=seed, only=languages or [], losses=losses)


@app.command()
def server_agreement(
    cases: CasesArgument,
    kinds: KindsOption = "tail,line",
    limit: LimitOption = None,
    seed: SeedOption = 1,
    prompt_tokens: Annotated[int, typer.Option("--prompt-tokens", min=64, help="Most tokens of a prompt.")] = 1024,
    local_model: Annotated[str, typer.Option("--local-model", metavar="NAME", help="The local model with the same weights.")] = "",
    engine: EngineOption = "",
    url: UrlOption = "",
    model: ServedModelOption = "",
) -> None:
    """Complete cases with a server and with the local engine, and see where they say the same."""
    local = require_base_model(load_settings(base=local_model, local_only=True))
    served = load_server_settings(engine, url, model)
    agreement.run(cases, local, served, kinds=kinds.split(","), prompt_tokens=prompt_tokens, limit=limit, seed=seed)


@app.command()
def session_replay(
    session: Annotated[Path, typer.Argument(metavar="SESSION.jsonl", help="What tests/editors/lsp_proxy.py recorded.")],
    speed: Annotated[float, typer.Option("--speed", min=0.1, help="So many times as fast.")] = 1.0,
) -> None:
    """Send a recorded session to a server again, and compare its answers and times with the recorded ones."""
    sessions.run(session, speed=speed)


@app.command()
def soak(
    minutes: Annotated[float, typer.Option("--minutes", min=0.5, help="How long to type.")] = 20.0,
    seed: SeedOption = 1,
) -> None:
    """Type in two windows while an explanation is written; look for memory that grows and requests without a reply."""
    soaking.run(minutes, seed=seed)


@app.command()
def splice_fidelity(
    cases: CasesArgument, kinds: KindsOption = "tail,line", limit: LimitOption = None, model: ModelOption = ""
) -> None:
    """Type cases and compare what is suggested with the KV cache spliced to what full decoding suggests."""
    settings = load_settings(base=model, local_only=True)
    splices.run(cases, require_base_model(settings), settings, kinds=kinds.split(","), limit=limit)


if __name__ == "__main__":
    try:
        app()
    except InterfixError as error:
        write_message(f"tests.bench: {error}", error=True)
        sys.exit(error.exit_code)
