"""Private standard streams: what is printed by accident cannot reach the client."""

import subprocess
import sys

PROGRAM = """
import asyncio, os, sys
from interfix.lsp.stdio import claim_stdio

async def main():
    reader, writer = claim_stdio()
    print("stray text")
    os.write(1, b"stray bytes\\n")
    assert os.read(0, 1) == b"" and sys.stdin.readline() == ""
    writer.write((await reader.readline()).upper())
    writer.write(b"x" * 1_000_000)
    writer.close()

asyncio.run(main())
"""


def test_only_messages_reach_the_client() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], input=b"hello\n", capture_output=True, check=True)
    assert done.stdout == b"HELLO\n" + b"x" * 1_000_000
    assert done.stderr.split(b"\n")[:2] in ([b"stray text", b"stray bytes"], [b"stray bytes", b"stray text"])


def test_a_client_that_went_away_does_not_keep_us() -> None:
    command = [sys.executable, "-c", PROGRAM]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.close()
    process.stdin.write(b"hello\n")
    process.stdin.close()
    assert process.wait() == 0
