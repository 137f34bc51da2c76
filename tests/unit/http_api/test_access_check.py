"""Who may ask: the Host and Origin of a request, and the token."""

import pytest

from tests.fake_engine import FakeEngine
from tests.http_client import make_app, make_client, make_settings

BODY = {"input_prefix": "a", "input_suffix": "b"}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8012", "localhost:8012", "LOCALHOST", "[::1]:8012", "127.9.9.9:1"])
async def test_this_machine_is_addressed_by_its_own_names(host: str) -> None:
    async with make_client(make_app(FakeEngine("x")), host=host) as client:
        assert (await client.post("/infill", json=BODY)).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8012", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.4", "", "0.0.0.0"],
)
async def test_a_name_that_was_made_to_point_here_is_refused(host: str) -> None:
    engine = FakeEngine("x")
    async with make_client(make_app(engine), host=host) as client:
        answer = await client.post("/infill", json=BODY)
    assert answer.status_code == 403
    assert "127.0.0.1" in answer.json()["error"]["message"]
    assert engine.requests == []


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:8012", "http://localhost:8012", "file://", ""])
@pytest.mark.parametrize("path", ["/infill", "/v1/models", "/health"])
async def test_no_page_may_ask(origin: str, path: str) -> None:
    engine = FakeEngine("x")
    async with make_client(make_app(engine), origin=origin) as client:
        answer = await client.post(path, json=BODY)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    assert engine.requests == []


async def test_no_preflight_is_allowed() -> None:
    async with make_client(make_app(FakeEngine("x")), origin="http://evil.example") as client:
        answer = await client.options("/infill", headers={"access-control-request-method": "POST"})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_what_a_page_has_the_browser_fetch_is_refused(site: str) -> None:
    async with make_client(make_app(FakeEngine("x")), **{"sec-fetch-site": site}) as client:
        assert (await client.get("/props")).status_code == 403


async def test_a_page_that_the_user_has_listed_may_ask() -> None:
    settings = make_settings(http={"origins": ["http://localhost:3000"]})
    async with make_client(make_app(FakeEngine("x"), settings=settings), origin="http://localhost:3000") as client:
        answer = await client.post("/infill", json=BODY)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
        assert (await client.post("/infill", json=BODY, headers={"origin": "http://localhost:3001"})).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": "Bearer "}, 401),
        ({"authorization": "secret"}, 401),
        ({"authorization": "Bearer s\u00e9cret"}, 401),
        ({"authorization": "Bearer secret"}, 200),
        ({"x-api-key": "secret"}, 200),
    ],
)
async def test_with_a_token_everybody_has_to_have_it(headers: dict[str, str], status: int) -> None:
    engine = FakeEngine("x")
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    async with make_client(make_app(engine, token="secret")) as client:
        answer = await client.post("/infill", json=BODY, headers=encoded)
        assert (await client.get("/health")).status_code == 200
    assert answer.status_code == status
    assert bool(engine.requests) == (status == 200)


async def test_a_server_for_other_machines_is_called_by_any_name_but_asks_for_the_token() -> None:
    app = make_app(FakeEngine("x"), token="secret", any_host=True)
    async with make_client(app, host="gpu.example") as client:
        assert (await client.post("/infill", json=BODY)).status_code == 401
        assert (await client.post("/infill", json=BODY, headers={"x-api-key": "secret"})).status_code == 200
