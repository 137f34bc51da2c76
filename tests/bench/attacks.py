"""Attacks on the real server, its port and what reads model files, at random from a seed; counts what went wrong.

Nothing here may fail: every request gets a reply, no reply speaks of a fault of Interfix, whoever comes after is served, and
memory is given back. The tests do the same in small.
"""

import asyncio
import random
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import psutil
from rich.table import Table

from interfix.errors import UnavailableError, UsageError
from interfix.models.kind_detection import detect_kind
from interfix.models.memory_estimate import estimate_from_header
from interfix.models.model_header import read_header
from interfix.output.console_output import Console, write_json
from tests.gguf_fixtures import write_model
from tests.isolated_home import INTERFIX_COMMAND, make_home, small_model_settings
from tests.raw_client import RawClient
from tests.unit.lsp.message_mutations import CODE, CURSOR, list_messages, mutate_value
from tests.unit.models.header_mutations import mutate_header

BATCH = 200
"""Messages sent before their replies are waited for."""
REPLY_SECONDS = 120.0
"""A request without a reply for so long is stuck."""
INTERNAL_ERROR, REQUEST_CANCELLED = -32603, -32800
FIM_TOKENS = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|endoftext|>")
PLEADS_GUILTY = re.compile(r"defect|Traceback|never retrieved", re.IGNORECASE)
"""What no message and no line of the log says."""
GARBAGE = (
    b"",
    b"\x00",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"Content-Length: many\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01",
    b"{",
)


class AttackReport(msgspec.Struct, frozen=True):
    """What was tried, and what went wrong."""

    messages: int
    """Mutated requests and notifications sent."""
    cancels: int
    """Completions that were cancelled after a random time."""
    connections: int
    """Connections with anything but LSP on them."""
    headers: int
    """Model files with faults in their headers."""
    unanswered: dict[str, int]
    """Requests without a reply, by method."""
    internal_errors: dict[str, int]
    """Replies that a request failed for a reason nobody has foreseen, by their message."""
    guilty_messages: tuple[str, ...]
    """Replies and lines of the log that speak of a defect or are a traceback."""
    header_faults: tuple[str, ...]
    """Model files that were not read and not refused in a sentence."""
    refused_connections_last: bool
    """Whether the port serves nobody after the connections."""
    server_mb: tuple[float, float]
    """Resident memory of the server after a tenth of the messages and at the end, MB."""
    seconds: float
    """All of it."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        table = Table(title=f"{self.seconds:.0f} s", title_justify="left", show_header=False)
        table.add_row("messages", f"{self.messages:,}, without a reply: {sum(self.unanswered.values())}")
        table.add_row("cancelled completions", f"{self.cancels:,}")
        table.add_row("unforeseen errors", str(sum(self.internal_errors.values())))
        table.add_row("messages of a defect", str(len(self.guilty_messages)))
        table.add_row("connections", f"{self.connections:,}, served after them: {'no' if self.refused_connections_last else 'yes'}")
        table.add_row("model files", f"{self.headers:,}, neither read nor refused in a sentence: {len(self.header_faults)}")
        table.add_row("memory of the server", "{:.0f} MB after a tenth, {:.0f} MB at the end".format(*self.server_mb))
        for text in (*self.internal_errors, *self.guilty_messages[:10], *self.header_faults[:10]):
            table.add_row("", text[:200])
        Console(stderr=True).print(table)
        write_json(self)


def run(*, messages: int, cancels: int, connections: int, headers: int, seed: int) -> AttackReport:
    """Attack so often and show figures. Raises `UnavailableError` where no server starts."""
    report = asyncio.run(_attack(messages, cancels, connections, headers, random.Random(seed)))
    report.show()
    return report


async def _attack(messages: int, cancels: int, connections: int, headers: int, rng: random.Random) -> AttackReport:
    began = time.monotonic()
    home, environment = make_home({**small_model_settings(), "INTERFIX_ENGINE_TUNE": "false"})
    try:
        file = home / "qwen2.5-coder.gguf"
        model = str(write_model(file, "qwen2", controls=FIM_TOKENS, name="Qwen2.5-Coder", eos=FIM_TOKENS[3]))
        environment |= {f"INTERFIX_MODELS_{role}": model for role in ("BASE", "INSTRUCT")}
        environment["INTERFIX_MODELS_OVERRIDE_ROLES"] = "true"
        # A download that somebody asks for finds nobody.
        environment |= {"HF_ENDPOINT": "http://127.0.0.1:9", "INTERFIX_MODELS_INDEX": "http://127.0.0.1:9"}
        workspace = home / "workspace"
        workspace.mkdir()
        async with _open_client(environment, workspace) as client:
            server_mb = await _send_messages(client, workspace, messages, rng)
            await _cancel_completions(client, workspace, cancels, rng)
        served = await _disturb_port(environment, connections, rng)
        stopping = await asyncio.create_subprocess_exec(INTERFIX_COMMAND, "stop", env=environment)
        await stopping.wait()
        errors = [reply["error"] for reply in client.replies.values() if "error" in reply]
        log_lines = [line for file in home.rglob("*.log*") for line in file.read_text("utf-8", "replace").splitlines()]
        reported_texts = [error["message"] for error in errors] + log_lines
        return AttackReport(
            messages=messages,
            cancels=cancels,
            connections=connections,
            headers=headers,
            unanswered=dict(Counter(client.unanswered.values())),
            internal_errors=dict(Counter(error["message"] for error in errors if error["code"] == INTERNAL_ERROR)),
            guilty_messages=tuple(sorted({text for text in reported_texts if PLEADS_GUILTY.search(text)})),
            header_faults=tuple(_list_header_faults(headers)),
            refused_connections_last=not served,
            server_mb=server_mb,
            seconds=round(time.monotonic() - began, 1),
        )
    finally:
        shutil.rmtree(home, ignore_errors=True)


@asynccontextmanager
async def _open_client(environment: dict[str, str], workspace: Path) -> AsyncIterator[RawClient]:
    client = await RawClient.start(environment)
    try:
        await client.initialize(workspace.as_uri())
        yield client
    finally:
        await client.close()


async def _send_messages(client: RawClient, workspace: Path, count: int, rng: random.Random) -> tuple[float, float]:
    """Send mutated messages; memory of the server after a tenth of them and at the end, MB."""
    process, after_tenth = psutil.Process(client.process.pid), 0.0
    patterns = list(list_messages((workspace / "code.py").as_uri()))
    for number in range(count):
        if number % BATCH == 0:
            await _await_replies(client)
        if number == count // 10:
            after_tenth = process.memory_info().rss / 1e6
        method, params, wants_reply = rng.choice(patterns)
        sent = mutate_value(params, rng) if rng.random() < 0.8 else params
        if wants_reply:
            client.request(method, sent)
            if rng.random() < 0.1:
                client.cancel(rng.choice([*client.unanswered]))
        else:
            client.notify(method, sent)
        await client.drain()
    await _await_replies(client)
    return round(after_tenth, 1), round(process.memory_info().rss / 1e6, 1)


async def _await_replies(client: RawClient) -> None:
    if client.process.returncode is not None:
        raise UnavailableError(f"The server has ended with {client.process.returncode}.")
    await client.list_unanswered(REPLY_SECONDS)


async def _cancel_completions(client: RawClient, workspace: Path, count: int, rng: random.Random) -> None:
    """Ask for completions and take each back after up to 20 ms."""
    uri = (workspace / "cancelled.py").as_uri()
    client.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": CODE}})
    for number in range(count):
        kind = {"triggerKind": rng.choice((1, 2))}
        request_id = client.request(
            "textDocument/inlineCompletion", {"textDocument": {"uri": uri}, "position": CURSOR, "context": kind}
        )
        await asyncio.sleep(rng.choice((0, 0, 0.002, 0.02)))
        client.cancel(request_id)
        await client.drain()
        if number % BATCH == BATCH - 1:
            await _await_replies(client)
    await _await_replies(client)


async def _disturb_port(environment: dict[str, str], count: int, rng: random.Random) -> bool:
    """Whether a client is served after so many connections that speak something else."""
    process = await asyncio.create_subprocess_exec(
        INTERFIX_COMMAND, "serve", "--tcp", "127.0.0.1:0", env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(REPLY_SECONDS):
            line = await process.stderr.readline()
        port = int(line.decode().strip().rpartition(":")[2])
        for _ in range(count):
            await _send_garbage(port, rng)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        body = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}'
        writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                return (await reader.readline()).startswith(b"Content-Length")
        except (TimeoutError, ConnectionError):
            return False
        finally:
            writer.close()
    finally:
        process.terminate()
        await process.wait()


async def _send_garbage(port: int, rng: random.Random) -> None:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(rng.choice(GARBAGE) + rng.randbytes(rng.choice((0, 10, 5000))))
        if rng.random() < 0.5:
            writer.write_eof()
        writer.close()
    except OSError:
        pass  # the server has closed it already, as it should


def _list_header_faults(count: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.gguf"
        for seed in range(count):
            path.write_bytes(mutate_header(seed))
            try:
                header = read_header(path)
                detect_kind(header)
                estimate_from_header(header)
            except UsageError as error:
                if PLEADS_GUILTY.search(str(error)) or not str(error).endswith("."):
                    yield f"{seed}: {error}"
            except Exception as error:
                yield f"{seed}: {error!r}"
