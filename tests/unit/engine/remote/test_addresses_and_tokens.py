"""Addresses that may be anything, and tokens that are told to nobody: not by an error, not in plain text without a warning.

About `config/url_host.py` and all of `engine/remote/`.
"""

import base64
import json
import logging
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interfix.config.settings import BackendSettings
from interfix.config.url_host import parse_host
from interfix.engine.remote.engine import RemoteEngine
from interfix.engine.remote.server_address import resolve_endpoint
from interfix.engine.remote.transport_errors import redact_token
from interfix.errors import InterfixError, UsageError
from interfix.inference_types import Role
from interfix.models.remote_role_models import describe_remote
from interfix.models.role_check import make_remote_base
from tests.effort import scale_examples
from tests.unit.engine.remote.fake_http_server import FakeHttpServer, HttpReply, json_reply
from tests.unit.engine.remote.remote_requests import complete_text, open_remote_engine, serve_openai_model

SECRET = "sk-t0p/s3cret+key=0123456789"
PARTS = [
    "http://", "https://", "[", "]", "::1", "[::1", "[::1]", ":", "@", "/", "?", "#", "%", "%zz", "xn--", ".", "..", "é", "\udcff",
    "\0", "\n", " ", "80", "99999", "-1", "127.0.0.1", "localhost", "s3cr3t:", "\\", "[fe80::1%eth0]", "ß", "。", "0x7f.1",
]  # fmt: skip
ODD = [
    "http://[::1",
    "http://xn--.com",
    "http://x:99999",
    "http://x:0",
    "http://[zz]",
    "http://\udcff",
    "http://" + "a" * 70_000,
    "//[",
    "[",
]


@pytest.mark.slow
@settings(max_examples=scale_examples(1000), deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=8).map("".join) | st.text(max_size=20).map("http://".__add__))
def test_any_address_is_one_or_a_sentence(address: str) -> None:
    check(address)


@pytest.mark.parametrize("address", ODD)
def test_these_addresses_are_none(address: str) -> None:
    with pytest.raises(UsageError, match=r"base\.url"):
        resolve_endpoint(Role.BASE, BackendSettings(engine="openai", url=address))
    check(address)


def check(address: str) -> None:
    """Nothing that takes an address raises anything but a sentence for it, and none tells what stands before an `@`."""
    serving = BackendSettings(engine="openai", url=address, model="m")
    parse_host(address)
    describe_remote(Role.BASE, make_remote_base("m", address), {Role.BASE: serving, Role.INSTRUCT: serving})
    sentence = ""
    try:
        RemoteEngine(Role.BASE, serving, Path("/nowhere"))
    except UsageError as error:
        sentence = str(error)
    assert "s3cr3t" not in sentence


@pytest.mark.parametrize("location", [*ODD, "http://evil.example/", "/elsewhere", "\x1b[31m"])
async def test_where_a_server_sends_us_on_to_may_be_anything(server: FakeHttpServer, tmp_path: Path, location: str) -> None:
    serve_openai_model(server)
    header = location.encode("ascii", "replace").decode().replace("\x1b", "")[:2000]
    server.routes["/v1/completions"] = HttpReply(status=307, headers={"Location": header})
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        with pytest.raises(InterfixError, match="base"):
            await complete_text(remote)


ECHOES = {
    "the header": f"Bad header Authorization: Bearer {SECRET}",
    "the token": f"Invalid API key: {SECRET}",
    "its beginning": f"Invalid API key {SECRET[:12]}...",
    "its end": f"no such key ...{SECRET[-8:]}",
    "a scheme and something": "Got 'Bearer c2stdDBwL3MzY3JldA=='",
    "in an address": f"see /auth?key={quote(SECRET, safe='')}",
    "as JSON": json.dumps({"authorization": f"Bearer {SECRET}"}),
    "as a dictionary": repr({"Authorization": f"Bearer {SECRET}"}),
    "in base64": "Basic " + base64.b64encode(SECRET.encode()).decode(),
}


@pytest.mark.parametrize("status", [400, 403, 404, 422, 429, 500, 503])
@pytest.mark.parametrize("echo", ECHOES)
async def test_an_error_does_not_repeat_the_token(
    server: FakeHttpServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    echo: str,
    status: int,
) -> None:
    monkeypatch.setenv("OWN_TOKEN", SECRET)
    caplog.set_level(logging.DEBUG, "interfix")
    serve_openai_model(server)
    body = json.dumps({"error": {"message": ECHOES[echo]}})
    server.routes["/v1/completions"] = lambda asked: (
        HttpReply((body,), status=status) if asked.get("stream") else json_reply({"usage": {}})
    )
    serving = BackendSettings(engine="openai", url=server.url, token="env:OWN_TOKEN")
    async with open_remote_engine(server.url, tmp_path, proven=True, serving=serving) as remote:
        with pytest.raises(InterfixError) as caught:
            await complete_text(remote)
    for text in (str(caught.value), caplog.text):
        assert not any(SECRET[i : i + 6] in text for i in range(len(SECRET) - 5))
        assert "Bearer" not in text


@given(st.text("abcdefghij-_./+=", min_size=6, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_no_part_of_a_token_is_left(secret: str, before: str, after: str) -> None:
    for part in (secret, secret[:6], secret[-6:], quote(secret, safe="")):
        assert redact_token(f"{before}{part}{after}", secret) == ""


def test_other_words_of_a_server_are_told() -> None:
    assert redact_token(": the model m is not loaded, see basic usage", SECRET) == ": the model m is not loaded, see basic usage"


@pytest.mark.parametrize(
    ("url", "token", "warned"),
    [
        ("http://gpu.example", "env:A", True),
        ("http://10.0.0.7:8000/v1", "env:A", True),
        ("HTTP://gpu.example", "keyring:a/b", True),
        ("https://gpu.example", "env:A", False),
        ("http://gpu.example", "", False),
        ("http://localhost:8000", "env:A", False),
        ("http://[::1]:8000", "env:A", False),
    ],
)
def test_a_token_in_plain_text_to_another_machine_is_warned_of(url: str, token: str, warned: bool) -> None:
    place = resolve_endpoint(Role.BASE, BackendSettings(engine="openai", url=url, token=token))
    assert place.exposes_token is warned
    assert ("unencrypted" in place.exposure) is warned


@pytest.mark.parametrize("secret", ["a\nX-Evil: 1", "a\rb", "é", "\0", "\x7f"])
def test_a_token_that_is_no_header_is_told_without_telling_it(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setattr("os.environ", {"A": secret, **{"PATH": ""}})
    with pytest.raises(UsageError, match=r"base\.token") as caught:
        RemoteEngine(Role.BASE, BackendSettings(engine="openai", url="https://gpu.example", token="env:A"), Path("/nowhere"))
    assert secret not in str(caught.value)


def test_httpx_still_needs_the_care() -> None:
    """What makes the checks necessary; where this fails they may be gone."""
    with pytest.raises(ValueError, match="A-label"):
        httpx.URL("http://xn--.com").host  # noqa: B018
