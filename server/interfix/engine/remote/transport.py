"""HTTP to one server: a pool, time-outs for each phase, retries, trust, and a sentence for whatever goes wrong."""

import asyncio
import logging
import random
import re
import ssl
import urllib.parse
import urllib.request
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
import msgspec
from h2.exceptions import ProtocolError
from httpx_sse import EventSource, SSEError

from interfix.config.settings import BackendSettings
from interfix.config.urls import parse_host
from interfix.engine.remote import http2
from interfix.engine.remote.circuit_breaker import CircuitBreaker
from interfix.engine.remote.credentials import read_token
from interfix.engine.remote.endpoint import Endpoint
from interfix.errors import InterfixError, UnavailableError, UsageError
from interfix.models.pull.download import create_trust

log = logging.getLogger(__name__)


class Timeouts(msgspec.Struct, frozen=True):
    """How long each phase may take, seconds."""

    connect: float = 5.0
    """Until there is a connection, and until the request is sent."""
    whole_answer: float = 15.0
    """Until a short question is answered."""
    first_event: float = 120.0
    """Until the first event of a stream: the server may be reading a long prompt, or loading a model."""
    next_event: float = 20.0
    """Between two events of a stream; bytes that are no event do not count."""


RETRY_PAUSES = (0.15, 0.6)
"""Mean pauses before a request is sent again, seconds; each is drawn from half to one and a half of it."""
MAX_RETRY_WAIT = 5.0
"""A server that wants to be asked again later than this gets no second request, seconds."""
MAX_ANSWER_BYTES = 64 << 20
"""No answer has more bytes, whatever else it is."""
END_TIMEOUT = 0.5
"""So long may a server take to end an answer that is complete, seconds: its connection can then be used again."""
KEEPALIVE_SECONDS = 30.0
"""A connection that nobody has used for so long is not used again, seconds: longer than most pauses to think."""
TRANSIENT_CODES = (408, 425, 429, 500, 502, 503, 504)
"""Answers that may be others a moment later."""
_PART = 6
"""So many characters in a row of a token are too many to be repeated."""
_CREDENTIAL = re.compile(r"(?i)\b(?:bearer|basic|authorization|api[-_ ]?key)\b[\"'`\s:=]*[\w+/.=~-]{6,}")
_DECODE_ERRORS = (SSEError, msgspec.DecodeError, RecursionError)


class TransientFailure(UnavailableError):
    """A failure that may be gone a moment later: a mark against the server."""

    def __init__(self, message: str, *, retry_after: float = 0.0, retryable: bool = True) -> None:
        """The server wants to be left alone for `wait` seconds; `again` says whether another try is worth it at once."""
        super().__init__(message)
        self.retry_after = retry_after
        self.retryable = retryable


class ModelNotReady(UnavailableError):
    """The server is well, but has no model yet."""


class RequestRejected(UsageError):
    """The server understood the request and will not do it."""


EventSplitter = Callable[[httpx.Response], AsyncIterator[str | bytes]]
EventT = TypeVar("EventT")


async def split_sse(response: httpx.Response) -> AsyncIterator[str]:
    """The data of server-sent events, up to OpenAI's `[DONE]`."""
    events = EventSource(response).aiter_sse()
    async for event in events:
        if event.data == "[DONE]":
            with suppress(TimeoutError, httpx.HTTPError):  # it is complete, however it ends
                async with asyncio.timeout(END_TIMEOUT):
                    await anext(events, None)
            return
        if event.data:
            yield event.data


async def split_json_lines(response: httpx.Response) -> AsyncIterator[bytes]:
    """One JSON object a line; only \\n ends one, for others may stand in a JSON text as they are."""
    rest: list[bytes] = []
    async for data in response.aiter_bytes():
        *whole, last = data.split(b"\n")
        if whole:
            whole[0] = b"".join((*rest, whole[0]))
            rest = []
        rest.append(last)
        for line in whole:
            if line.strip():
                yield line
    if (unended := b"".join(rest)).strip():
        yield unended


def _is_never_progress(_event: Any) -> bool:
    return False


class Transport:
    """Requests to one server."""

    def __init__(self, endpoint: Endpoint, role_backend: BackendSettings, timeouts: Timeouts | None = None) -> None:
        """Raises `UsageError` for a token reference or a file of certificates that is none, `UnavailableError` without the
        token."""
        self.endpoint = endpoint
        self.circuit_breaker = CircuitBreaker()
        self._timeouts = timeouts or Timeouts()
        secret = self._secret = read_token(role_backend.token, f"{endpoint.role}.token")
        if endpoint.exposes_token:
            log.warning("%s", endpoint.exposure)
        quiet = self._timeouts.connect
        http2.install_stream_reset()
        self._client = httpx.AsyncClient(
            base_url=endpoint.url,
            # Compressed, tokens would be held back until there are enough of them.
            headers={"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {secret}"} if secret else {}),
            http2=True,
            limits=httpx.Limits(keepalive_expiry=KEEPALIVE_SECONDS),
            verify=_create_trust(endpoint, role_backend.certificates) if endpoint.url.startswith("https:") else False,
            trust_env=endpoint.is_remote,  # a proxy is for other machines
            timeout=httpx.Timeout(None, connect=quiet, pool=quiet, write=quiet),
        )
        for noisy in ("httpx", "httpcore", "hpack"):  # the last one logs headers, and the token with them
            logging.getLogger(noisy).setLevel(logging.WARNING)

    async def request_json(self, path: str, event_type: type[EventT], body: Any = None) -> EventT:
        """A short question and its JSON answer: GET without a body, else POST. Raises `UnavailableError`, or `RequestRejected`."""

        async def whole(response: httpx.Response) -> AsyncIterator[bytes]:
            yield await response.aread()

        async with aclosing(
            self._stream_with_retries(
                path, body, whole, event_type, self._timeouts.whole_answer, _is_never_progress, is_stream=False
            )
        ) as answers:
            async for answer in answers:
                return answer
        raise UnavailableError(f"{self.endpoint.display_name} gave no answer to {path}.")

    def stream_json(
        self,
        path: str,
        body: Any,
        split_events: EventSplitter,
        event_type: type[EventT],
        is_progress: Callable[[EventT], bool] = _is_never_progress,
    ) -> AsyncGenerator[EventT, None]:
        """The JSON events of an answer; closing it closes the stream, which ends the work on the server.

        Sent again only while nothing has come. `is_progress` tells the events that only say that the prompt is being read. Raises
        `UnavailableError`, or `RequestRejected`.
        """
        return self._stream_with_retries(
            path, body, split_events, event_type, self._timeouts.first_event, is_progress, is_stream=True
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _stream_with_retries(
        self,
        path: str,
        body: Any,
        split_events: EventSplitter,
        event_type: type[EventT],
        first_timeout: float,
        is_progress: Callable[[EventT], bool],
        *,
        is_stream: bool,
    ) -> AsyncGenerator[EventT, None]:
        self.circuit_breaker.check()
        for pause in (*RETRY_PAUSES, None):
            begun = False
            try:
                async with aclosing(self._stream_once(path, body, split_events, event_type, first_timeout, is_progress)) as events:
                    async for event in events:
                        if is_stream and not begun:
                            self.circuit_breaker.record_success()  # to answer short questions is no sign that it can compute
                        begun = True
                        yield event
                return
            except TransientFailure as error:
                if begun or pause is None or not error.retryable or error.retry_after > MAX_RETRY_WAIT:
                    self.circuit_breaker.record_failure(str(error), error.retry_after)
                    raise
                log.info("%s Asked again.", error)
                await asyncio.sleep(max(error.retry_after, pause * random.uniform(0.5, 1.5)))

    async def _stream_once(
        self,
        path: str,
        body: Any,
        split_events: EventSplitter,
        event_type: type[EventT],
        first_timeout: float,
        is_progress: Callable[[EventT], bool],
    ) -> AsyncGenerator[EventT, None]:
        request = self._client.build_request("GET" if body is None else "POST", path, json=body)
        response: httpx.Response | None = None
        seconds = first_timeout
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.send(request, stream=True)
                response.stream = _SizeLimitedStream(response.stream)
                if not response.is_success:
                    raise await self._error_of_response(response, path)
            events = split_events(response)
            while True:
                async with asyncio.timeout(seconds):
                    event = await anext(events, None)
                if event is None:
                    return
                decoded = msgspec.json.decode(event, type=event_type)
                if not is_progress(decoded):
                    seconds = self._timeouts.next_event
                yield decoded
        except InterfixError:
            raise
        except TimeoutError:
            # Not asked again: a server that cannot keep up would have the same work twice.
            raise TransientFailure(f"{self.endpoint.display_name} has said nothing for {seconds:.0f} s.", retryable=False) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ProtocolError, _AnswerTooLarge, *_DECODE_ERRORS) as error:
            raise self._error_of_exception(error) from error
        finally:
            if response is not None:
                await response.aclose()

    async def _error_of_response(self, response: httpx.Response, path: str) -> InterfixError:
        code = response.status_code
        said = redact_token(_read_error_message(await response.aread()), self._secret)
        wait = _parse_retry_after(response.headers.get("Retry-After", ""))
        role = self.endpoint.role.settings_group
        if response.has_redirect_location:
            host = parse_host(response.headers["Location"]) or "another path"
            return RequestRejected(
                f"{self.endpoint.display_name} sends us on to {host} ({code}), which is not followed; set {role}.url to that."
            )
        if code == 503 and "loading" in said.lower():
            return ModelNotReady(f"{self.endpoint.display_name} is still loading its model; ask again in a moment.")
        if code in (401, 403):
            return RequestRejected(f"{self.endpoint.display_name} does not accept the token ({code}); look at {role}.token.")
        if code == 404:
            return RequestRejected(
                f"{self.endpoint.display_name} has nothing at {path} (404){said}; look at {role}.url and {role}.model."
            )
        if code == 429:
            return TransientFailure(f"{self.endpoint.display_name} has too much to do (429).", retry_after=wait)
        if code in TRANSIENT_CODES:
            return TransientFailure(f"{self.endpoint.display_name} failed ({code}){said}; its own log says more.", retry_after=wait)
        return RequestRejected(f"{self.endpoint.display_name} refused the request ({code}){said}.")

    def _error_of_exception(self, error: Exception) -> InterfixError:
        who, role = self.endpoint.display_name, self.endpoint.role.settings_group
        if (untrusted := _find_cause(error, ssl.SSLError)) is not None:
            why = getattr(untrusted, "verify_message", "") or getattr(untrusted, "reason", "") or "no TLS"
            return UnavailableError(f"{who} shows a certificate that is not trusted ({why}); see {role}.certificates.")
        if isinstance(error, httpx.ProxyError):
            return UnavailableError(
                f"{who} cannot be reached: the proxy on the way refuses{redact_token(f': {str(error)[:60]}', self._secret)}."
            )
        if isinstance(error, httpx.ConnectTimeout):
            return TransientFailure(f"{who} cannot be reached: no connection after {self._timeouts.connect:.0f} s.")
        if isinstance(error, httpx.ConnectError):
            there = "the proxy on the way to it does not answer" if _uses_proxy(self.endpoint) else "nothing answers there"
            return TransientFailure(f"{who} cannot be reached: {there}. Is it running?")
        if isinstance(error, _AnswerTooLarge):
            return UnavailableError(f"{who} answers without an end; look at {role}.url.")
        if isinstance(error, _DECODE_ERRORS):
            return UnavailableError(f"{who} answers with what is no {self.endpoint.engine} answer; look at {role}.url.")
        return TransientFailure(f"{who} broke off ({type(error).__name__}).")


class _AnswerTooLarge(Exception):
    """More bytes have come than any answer has."""


class _SizeLimitedStream(httpx.AsyncByteStream):
    """An answer's bytes, up to so many."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for data in self._stream:
            size += len(data)
            if size > MAX_ANSWER_BYTES:
                raise _AnswerTooLarge
            yield data

    async def aclose(self) -> None:
        await self._stream.aclose()


def _create_trust(endpoint: Endpoint, certificates: str) -> ssl.SSLContext:
    try:
        return create_trust(certificates)
    except (OSError, ssl.SSLError):
        raise UsageError(
            f"{endpoint.role}.certificates names {certificates}, which holds no certificates that can be read."
        ) from None


def _read_error_message(body: bytes) -> str:
    """What a server says of an error, where it says it in a sentence: longer texts may repeat the request."""
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    inner = told.get("error", told) if isinstance(told, dict) else ""
    said = next((inner[key] for key in ("message", "detail") if key in inner), "") if isinstance(inner, dict) else inner
    return f": {said.strip().rstrip('.')}" if isinstance(said, str) and 0 < len(said) <= 200 else ""


def redact_token(said: str, secret: str) -> str:
    """What a server says; nothing where it repeats the token, a part of it, or what looks like any."""
    parts = {secret[i : i + _PART] for i in range(max(1, len(secret) - _PART + 1))} if secret else set()
    plain = urllib.parse.unquote(said)
    if any(part in text for part in parts for text in (said, plain)) or _CREDENTIAL.search(plain):
        return ""
    return said


def _parse_retry_after(header: str) -> float:
    """How long a server asks to be left alone: seconds, or until a date (RFC 9110, section 10.2.3)."""
    if header.isdigit():
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0


def _uses_proxy(endpoint: Endpoint) -> bool:
    proxies = urllib.request.getproxies()
    scheme = endpoint.url.partition(":")[0]
    return endpoint.is_remote and bool(proxies.get(scheme) or proxies.get("all")) and not urllib.request.proxy_bypass(endpoint.host)


def _find_cause(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error
