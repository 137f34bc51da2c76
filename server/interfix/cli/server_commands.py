"""The commands on the server and the engine host: serve, status, stop, doctor."""

import asyncio
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from interfix.cli.cli_settings import load_settings
from interfix.cli.library_download import ensure_library
from interfix.cli.options import JsonOption
from interfix.cli.pull_progress import show_pull_bar
from interfix.config.settings import Settings
from interfix.engine import client, host_launcher
from interfix.engine.protocol import EngineStatus, ServerStatus
from interfix.engine.remote.router import EngineRouter
from interfix.errors import UnavailableError, UsageError
from interfix.models.model_selection import pull_and_select_models, select_models
from interfix.output.terminal import Console, write_json, write_message
from interfix.values import NEEDED_ROLES

HTTP_ADDRESS = "127.0.0.1:8012"
"""Where llama.vim and llama.vscode look for their server."""


def serve(
    address: Annotated[str, typer.Argument(metavar="[HOST:PORT]", help="Where --http listens.", show_default=False)] = "",
    stdio: Annotated[bool, typer.Option("--stdio", help="Speak LSP on stdin and stdout (the default).")] = False,
    tcp: Annotated[str, typer.Option("--tcp", metavar="HOST:PORT", help="Listen for one editor on a TCP port instead.")] = "",
    http: Annotated[
        bool,
        typer.Option("--http", help=f"Speak llama-server's, OpenAI's and Ollama's API instead, at HOST:PORT or {HTTP_ADDRESS}."),
    ] = False,
) -> None:
    """Run the language server, as editors do, or with --http a server for other clients."""
    if stdio + bool(tcp) + http > 1:
        raise UsageError("Choose one of --stdio, --tcp and --http.")
    if address and not http:
        raise UsageError(f"What is to be done with {address}? Write --http {address} or --tcp {address}.")
    if http:
        _serve_http(*_parse_address(address or HTTP_ADDRESS))
        return
    from interfix.lsp.server import serve as serve_lsp

    raise typer.Exit(serve_lsp(_parse_address(tcp) if tcp else None))


def _serve_http(host: str, port: int) -> None:
    settings = load_settings()
    try:
        from interfix.http_api.server import serve_http
    except ModuleNotFoundError as error:
        if error.name not in ("uvicorn", "starlette"):
            raise
        raise UnavailableError(
            f"--http needs {error.name}, which is not installed: run `uv tool install 'interfix[http]'`, or in a checkout "
            "`uv sync --extra http`."
        ) from None
    try:
        with show_pull_bar("model") as report:
            said = pull_and_select_models(settings.models, report, settings.get_backends()).why
    except UnavailableError as error:  # one role may be there all the same
        found = select_models(settings.models, settings.get_backends())
        if found.base is None and found.instruct is None:
            raise
        said = str(error)
    ensure_library(settings, *NEEDED_ROLES)
    write_message(said, error=True)
    serve_http(host, port, settings)


def status(json: JsonOption = False) -> None:
    """Tell what the engine host holds, without starting one, and which servers compute in its place."""
    found, servers = asyncio.run(_fetch_status(load_settings()))
    if json:
        told = msgspec.to_builtins(found) if found else {"pid": None}
        write_json({**told, "servers": servers})
        return
    if found is not None:
        Console().print(_status_table(found))
    elif len(servers) < len(NEEDED_ROLES):
        write_message("No engine is running; it starts with the first request.")
    if others := asyncio.run(host_launcher.count_other_hosts()):
        write_message(f"Other installations of Interfix run {others} engine host{'s' if others > 1 else ''} of their own.")
    for server in servers:
        Console(soft_wrap=True).print(_format_server(server))


def stop() -> None:
    """Stop the engine hosts of all your installations and free their memory; the next request starts one again."""
    write_message("The engine has stopped." if asyncio.run(client.stop_hosts()) else "No engine was running.")


def doctor(json: JsonOption = False) -> None:
    """Check the installation and this machine, and say what to do about what is wrong."""
    from interfix.cli.doctor_checks import run_checks

    findings = run_checks(load_settings())
    if json:
        write_json(findings)
    else:
        table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
        for finding in findings:
            mark = Text("ok", "green") if finding.ok else Text("!", "yellow")
            table.add_row(mark, finding.name, finding.says)
        Console().print(table)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(3)


def _parse_address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"'{text}' is no address; write HOST:PORT, such as 127.0.0.1:4711.")
    return host.strip("[]"), int(port)


async def _fetch_status(settings: Settings) -> tuple[EngineStatus | None, tuple[ServerStatus, ...]]:
    async with EngineRouter(settings) as routed:
        servers = await routed.read_server_statuses()
    engine = await client.find_running_engine()
    if engine is None:
        return None, servers
    async with engine:
        return await engine.status(), servers


def _format_server(server: ServerStatus) -> str:
    where = f"code leaves this machine for {server.host}" if server.leaves else f"on this machine ({server.host})"
    known = f", {server.model} of family {server.family}, prompts counted {server.counted}" if server.model else ""
    problem = f"\n  {server.problem}" if server.problem else ""
    return f"{server.role}: {server.engine}, {where}{known}{problem}"


def _status_table(engine_status: EngineStatus) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("engine", f"version {engine_status.version}, process {engine_status.pid}")
    table.add_row("memory", f"{engine_status.memory_bytes / 2**20:.0f} MB")
    table.add_row("clients", str(engine_status.clients - 1))
    for model in engine_status.models:
        table.add_row(
            "model", f"{model.name} ({', '.join(model.roles) or 'loaded'}), {model.memory_bytes / 2**20:.0f} MB of weights"
        )
    for note in engine_status.notes:
        table.add_row("note", note)
    return table
