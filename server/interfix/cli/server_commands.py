"""The commands on the server and the engine host: serve, status, stop, doctor."""

import asyncio
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from interfix.cli.cli_settings import load_settings
from interfix.cli.options import JsonOption
from interfix.config.settings import Settings
from interfix.engine import client, host_launcher
from interfix.engine.protocol import EngineStatus, ServerStatus
from interfix.engine.remote.router import EngineRouter
from interfix.errors import UsageError
from interfix.output.terminal import Console, write_json, write_message
from interfix.values import NEEDED_ROLES


def serve(
    stdio: Annotated[bool, typer.Option("--stdio", help="Speak LSP on stdin and stdout (the default).")] = False,
    tcp: Annotated[str, typer.Option("--tcp", metavar="HOST:PORT", help="Listen for one editor on a TCP port instead.")] = "",
) -> None:
    """Run the language server; editors call this."""
    from interfix.lsp.server import serve as serve_lsp

    if stdio and tcp:
        raise UsageError("Choose one of --stdio and --tcp.")
    raise typer.Exit(serve_lsp(_parse_address(tcp) if tcp else None))


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
