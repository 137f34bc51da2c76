"""What a server was asked, and the end of an answer."""

from typing import Any

from tests.unit.engine.remote.fake_http_server import FakeHttpServer

DONE = {"choices": [{"text": "", "finish_reason": "stop"}], "usage": {"prompt_tokens": 30}}


def last_request(server: FakeHttpServer, path: str) -> dict[str, Any]:
    """The last request to a path."""
    return next(body for request_path, body in reversed(server.requests) if request_path == path)
