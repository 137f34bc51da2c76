"""`interfix status` says what the engine host holds, and `interfix stop` ends it."""

import asyncio

import msgspec
from rich.table import Table

from interfix.cli.cli_settings import load_settings
from interfix.cli.options import JsonOption
from interfix.config.settings import Settings
from interfix.engine import client, host_lifecycle
from interfix.engine.protocol import EngineStatus, ServerStatus
from interfix.engine.remote.router import EngineRouter
from interfix.inference_types import NEEDED_ROLES
from interfix.output.console_output import Console, write_json, write_message


def status(json: JsonOption = False) -> None:
    """Tell what the engine host holds, without starting one, and which servers compute in its place."""
    host_status, servers = asyncio.run(_fetch_status(load_settings()))
    if json:
        report = msgspec.to_builtins(host_status) if host_status else {"pid": None}
        write_json({**report, "servers": servers})
        return
    if host_status is not None:
        Console().print(_status_table(host_status))
    elif len(servers) < len(NEEDED_ROLES):
        write_message("No engine is running; it starts with the first request.")
    if others := asyncio.run(host_lifecycle.count_other_hosts()):
        write_message(f"Other installations of Interfix run {others} engine host{'s' if others > 1 else ''} of their own.")
    for server in servers:
        Console(soft_wrap=True).print(_format_server(server))


def stop() -> None:
    """Stop the engine hosts of all your installations and free their memory; the next request starts one again."""
    write_message("The engine has stopped." if asyncio.run(client.stop_hosts()) else "No engine was running.")


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
    described = f", {server.model} of family {server.family}, prompts counted {server.counted}" if server.model else ""
    problem = f"\n  {server.problem}" if server.problem else ""
    return f"{server.role}: {server.engine}, {where}{described}{problem}"


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
