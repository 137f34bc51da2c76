"""HTTP to one server: connections, time-outs for each phase, retries and trust."""

import asyncio
import logging
import random
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from typing import Any, Generic, TypeVar

import httpx
import msgspec
from h2.exceptions import ProtocolError

from interfix.config.settings import BackendSettings
from interfix.engine.remote.circuit_breaker import CircuitBreaker
from interfix.engine.remote.credentials import read_token
from interfix.engine.remote.response_bytes import EventSplitter, SizeLimitedStream
from interfix.engine.remote.server_address import Endpoint
from interfix.engine.remote.transport_errors import DECODE_ERRORS, AnswerTooLarge, TransientFailure, read_error, translate_error
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
KEEPALIVE_SECONDS = 30.0
"""A connection that nobody has used for so long is not used again, seconds: longer than most pauses to think."""
EventT = TypeVar("EventT")


def _is_never_progress(_event: Any) -> bool:
    return False


class _Exchange(msgspec.Struct, Generic[EventT], frozen=True):
    """One request, and how its answer is read."""

    path: str
    """Behind the endpoint's address, or a whole address."""
    body: Any
    """What is posted as JSON; None: it is a GET."""
    split_events: EventSplitter
    """Into the JSON texts of events."""
    event_type: type[EventT]
    """What each event has to be."""
    first_timeout: float
    """Until the first event, seconds."""
    is_progress: Callable[[EventT], bool] = _is_never_progress
    """Whether an event only says that the prompt is being read."""
    is_stream: bool = True
    """Whether the answer comes piece by piece; else it is a short question's."""


class Transport:
    """Requests to one server.

    Short questions go over HTTP/2 where the server offers it, and are read to their end whoever waits for them. What streams may be
    closed before its end, which httpcore does not tell an HTTP/2 server: it would compute on. So streams go over HTTP/1.1, where
    closing one closes its connection and ends the work.
    """

    def __init__(self, endpoint: Endpoint, role_backend: BackendSettings, timeouts: Timeouts | None = None) -> None:
        """Raises `UsageError` for a token reference or a file of certificates that is none, `UnavailableError` without the
        token."""
        self.endpoint = endpoint
        self.circuit_breaker = CircuitBreaker()
        self._timeouts = timeouts or Timeouts()
        self._secret = read_token(role_backend.token, f"{endpoint.role}.token")
        if endpoint.exposes_token:
            log.warning("%s", endpoint.exposure)
        self._is_encrypted = endpoint.url.startswith("https:")
        trust = _create_trust(endpoint, role_backend.certificates) if self._is_encrypted else False
        self._stream_client = self._create_client(trust, http2=False)
        # Without TLS nobody offers HTTP/2, and the connections are the same.
        self._question_client = self._create_client(trust, http2=True) if self._is_encrypted else self._stream_client
        self._background: set[asyncio.Task[Any]] = set()
        for noisy in ("httpx", "httpcore", "hpack"):  # the last one logs headers, and the token with them
            logging.getLogger(noisy).setLevel(logging.WARNING)

    async def request_json(self, path: str, event_type: type[EventT], body: Any = None) -> EventT:
        """A short question and its JSON answer: GET without a body, else POST. Raises `UnavailableError`, or `RequestRejected`."""

        async def read_whole(response: httpx.Response) -> AsyncIterator[bytes]:
            yield await response.aread()

        exchange = _Exchange(path, body, read_whole, event_type, self._timeouts.whole_answer, is_stream=False)
        return await asyncio.shield(self._start(self._ask(exchange)))

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
        timeout = self._timeouts.first_event
        return self._stream_with_retries(_Exchange(path, body, split_events, event_type, timeout, is_progress))

    async def close(self) -> None:
        """Close every connection."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._question_client.aclose()
        await self._stream_client.aclose()

    def _create_client(self, trust: ssl.SSLContext | bool, *, http2: bool) -> httpx.AsyncClient:
        quiet = self._timeouts.connect
        return httpx.AsyncClient(
            base_url=self.endpoint.url,
            # Compressed, tokens would be held back until there are enough of them.
            headers={"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {self._secret}"} if self._secret else {}),
            http2=http2,
            limits=httpx.Limits(keepalive_expiry=KEEPALIVE_SECONDS),
            verify=trust,
            trust_env=self.endpoint.is_remote,  # a proxy is for other machines
            timeout=httpx.Timeout(None, connect=quiet, pool=quiet, write=quiet),
        )

    def _start(self, work: Coroutine[Any, Any, EventT]) -> "asyncio.Task[EventT]":
        """A task that goes on when who waits for it is cancelled; its error is nobody's then."""

        def forget(task: "asyncio.Task[Any]") -> None:
            self._background.discard(task)
            if not task.cancelled():
                task.exception()

        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(forget)
        return task

    async def _ask(self, exchange: _Exchange[EventT]) -> EventT:
        async with aclosing(self._stream_with_retries(exchange)) as answers:
            async for answer in answers:
                return answer
        raise UnavailableError(f"{self.endpoint.display_name} gave no answer to {exchange.path}.")

    async def _stream_with_retries(self, exchange: _Exchange[EventT]) -> AsyncGenerator[EventT, None]:
        self.circuit_breaker.check()
        for pause in (*RETRY_PAUSES, None):
            begun = False
            try:
                async with aclosing(self._stream_once(exchange)) as events:
                    async for event in events:
                        if exchange.is_stream and not begun:
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

    async def _stream_once(self, exchange: _Exchange[EventT]) -> AsyncGenerator[EventT, None]:
        client = self._stream_client if exchange.is_stream else self._question_client
        request = client.build_request("GET" if exchange.body is None else "POST", exchange.path, json=exchange.body)
        response: httpx.Response | None = None
        seconds, is_complete = exchange.first_timeout, False
        try:
            async with asyncio.timeout(seconds):
                response = await client.send(request, stream=True)
                response.stream = SizeLimitedStream(response.stream)
                if not response.is_success:
                    raise await read_error(self.endpoint, exchange.path, response, self._secret)
            events = exchange.split_events(response)
            while True:
                async with asyncio.timeout(seconds):
                    event = await anext(events, None)
                if event is None:
                    is_complete = True
                    return
                decoded = msgspec.json.decode(event, type=exchange.event_type)
                if not exchange.is_progress(decoded):
                    seconds = self._timeouts.next_event
                yield decoded
        except InterfixError:
            raise
        except TimeoutError:
            # Not asked again: a server that cannot keep up would have the same work twice.
            raise TransientFailure(f"{self.endpoint.display_name} has said nothing for {seconds:.0f} s.", retryable=False) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ProtocolError, AnswerTooLarge, *DECODE_ERRORS) as error:
            raise translate_error(self.endpoint, error, self._secret, self._timeouts.connect) from error
        except (GeneratorExit, asyncio.CancelledError):
            if self._is_encrypted and exchange.is_stream and not is_complete:
                self._start(self._open_spare_connection())
            raise
        finally:
            if response is not None:
                await response.aclose()

    async def _open_spare_connection(self) -> None:
        """Have a connection ready in place of one that was closed: TLS costs two ways to the server and back before a request."""
        async with asyncio.timeout(self._timeouts.whole_answer):
            await self._stream_client.head("")


def _create_trust(endpoint: Endpoint, certificates: str) -> ssl.SSLContext:
    try:
        return create_trust(certificates)
    except (OSError, ssl.SSLError):
        raise UsageError(
            f"{endpoint.role}.certificates names {certificates}, which holds no certificates that can be read."
        ) from None
