"""llama.cpp's own server as llama.vscode recommends to run it.

`--fim-qwen-1.5b-default` stands for these options in llama.cpp's `common/arg.cpp`.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from interfix.errors import UnavailableError
from interfix.models.role_check import BaseModel
from tests.reference_servers import server_path

LLAMA_SERVER_OPTIONS = (
    "--n-gpu-layers",
    "99",
    "--ubatch-size",
    "1024",
    "--batch-size",
    "1024",
    "--ctx-size",
    "0",
    "--cache-reuse",
    "256",
)
READY_SECONDS = 120


@asynccontextmanager
async def start_llama_server(model: BaseModel) -> AsyncIterator[str]:
    """Its address. Raises `UnavailableError` where there is none for this system."""
    binary = server_path()
    if binary is None:
        raise UnavailableError("There is no prebuilt llama-server for this system; the bench runs on Linux, x86-64.")
    port = find_port()
    command = [str(binary), "--model", model.path, "--host", "127.0.0.1", "--port", str(port), *LLAMA_SERVER_OPTIONS]
    async with run_server(command, dict(os.environ), port) as url:
        yield url


@asynccontextmanager
async def run_server(command: list[str], environment: dict[str, str], port: int) -> AsyncIterator[str]:
    """The address of a server that listens on a port, once it is ready."""
    nowhere = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=nowhere, stderr=nowhere)
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient() as http:
            for _ in range(READY_SECONDS * 5):
                if process.returncode is not None:
                    raise UnavailableError(f"{Path(command[0]).name} has ended with {process.returncode}.")
                try:
                    if (await http.get(f"{url}/health")).is_success:
                        break
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.2)
        yield url
    finally:
        process.terminate()
        await process.wait()


def find_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
