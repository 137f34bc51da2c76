"""HTTP to one server: a pool, time-outs for each phase, retries, trust, and a sentence for whatever goes wrong. Knows no API."""

import asyncio
import logging
import math
import random
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import httpx
import msgspec
from httpx_sse import EventSource, SSEError

from interfix.config.settings import Serving
from interfix.engine.remote import http2
from interfix.engine.remote.breaker import Breaker
from interfix.engine.remote.credentials import token
from interfix.engine.remote.place import Place
from interfix.errors import BadUsage, InterfixError, Unavailable
from interfix.models.pull.download import trust

log = logging.getLogger(__name__)


class Patience(msgspec.Struct, frozen=True):
    """How long each phase may take, seconds."""

    connect: float = 5.0
    """Until there is a connection, and until the request is sent."""
    answer: float = 15.0
    """Until a short question is answered."""
    first: float = 120.0
    """Until the first event of a stream: the server may be reading a long prompt, or loading a model."""
    next: float = 20.0
    """Between two events of a stream; bytes that are no event do not count."""


RETRIES = (0.15, 0.6)
"""Mean pauses before a request is sent again, seconds; each is drawn from half to one and a half of it."""
LONGEST_WAIT = 5.0
"""A server that wants to be asked again later than this gets no second request, seconds."""
PASSING = (408, 425, 429, 500, 502, 503, 504)
"""Answers that may be others a moment later."""


class Passing(Unavailable):
    """A failure that may be gone a moment later: worth another try, and a mark against the server."""

    def __init__(self, sentence: str, wait: float = 0.0) -> None:
        super().__init__(sentence)
        self.wait = wait


class Rejected(BadUsage):
    """The server understood the request and will not do it."""


Decode = Callable[[httpx.Response], AsyncIterator[str]]


async def server_sent(response: httpx.Response) -> AsyncIterator[str]:
    """The data of server-sent events, up to OpenAI's `[DONE]`."""
    async for event in EventSource(response).aiter_sse():
        if event.data == "[DONE]":
            return
        yield event.data


async def lines(response: httpx.Response) -> AsyncIterator[str]:
    """One JSON object a line."""
    async for line in response.aiter_lines():
        if line.strip():
            yield line


def _reads_nothing(_event: Any) -> bool:
    return False


class Transport:
    """Requests to one server."""

    def __init__(self, place: Place, serving: Serving, patience: Patience | None = None) -> None:
        """Raises `BadUsage` for a token reference or a file of certificates that is none, `Unavailable` without the token."""
        self.place = place
        self.breaker = Breaker()
        self._patience = patience or Patience()
        secret = token(serving.token, f"{place.role}.token")
        quiet = self._patience.connect
        http2.install()
        self._client = httpx.AsyncClient(
            base_url=place.url,
            headers={"Authorization": f"Bearer {secret}"} if secret else {},
            http2=True,
            verify=_trust(place, serving.certificates) if place.url.startswith("https:") else False,
            trust_env=place.leaves,  # a proxy is for other machines
            timeout=httpx.Timeout(None, connect=quiet, pool=quiet, write=quiet),
        )
        for noisy in ("httpx", "httpcore", "hpack"):  # the last one logs headers, and the token with them
            logging.getLogger(noisy).setLevel(logging.WARNING)

    async def ask(self, path: str, body: Any = None) -> Any:
        """A short question and its JSON answer: GET without a body, else POST. Raises `Unavailable`, or `Rejected`."""

        async def whole(response: httpx.Response) -> AsyncIterator[str]:
            yield (await response.aread()).decode("utf-8", "replace")

        async with aclosing(self._events(path, body, whole, self._patience.answer, _reads_nothing, streams=False)) as answers:
            async for answer in answers:
                return answer
        raise Unavailable(f"{self.place.who} gave no answer to {path}.")

    def stream(
        self, path: str, body: Any, decode: Decode, reads: Callable[[Any], bool] = _reads_nothing
    ) -> AsyncGenerator[Any, None]:
        """The JSON events of an answer; closing it closes the connection, which ends the work on the server.

        Sent again only while nothing has come. `reads` tells the events that only say that the prompt is being read. Raises
        `Unavailable`, or `Rejected`.
        """
        return self._events(path, body, decode, self._patience.first, reads, streams=True)

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _events(
        self, path: str, body: Any, decode: Decode, first: float, reads: Callable[[Any], bool], *, streams: bool
    ) -> AsyncGenerator[Any, None]:
        self.breaker.check()
        for pause in (*RETRIES, None):
            begun = False
            try:
                async with aclosing(self._once(path, body, decode, first, reads)) as events:
                    async for event in events:
                        if streams and not begun:
                            self.breaker.succeeded()  # to answer short questions is no sign that it can compute
                        begun = True
                        yield event
                return
            except Passing as error:
                if begun or pause is None or error.wait > LONGEST_WAIT:
                    self.breaker.failed(str(error))
                    raise
                log.info("%s Asked again.", error)
                await asyncio.sleep(max(error.wait, pause * random.uniform(0.5, 1.5)))

    async def _once(
        self, path: str, body: Any, decode: Decode, first: float, reads: Callable[[Any], bool]
    ) -> AsyncGenerator[Any, None]:
        request = self._client.build_request("GET" if body is None else "POST", path, json=body)
        response: httpx.Response | None = None
        seconds = first
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.send(request, stream=True)
                if not response.is_success:
                    raise await self._refusal(response, path)
            events = decode(response)
            while True:
                async with asyncio.timeout(seconds):
                    event = await anext(events, None)
                if event is None:
                    return
                decoded = msgspec.json.decode(event)
                if not reads(decoded):
                    seconds = self._patience.next
                yield decoded
        except InterfixError:
            raise
        except TimeoutError:
            # Not asked again: a server that cannot keep up would have the same work twice.
            raise Passing(f"{self.place.who} has said nothing for {seconds:.0f} s.", wait=math.inf) from None
        except (httpx.HTTPError, SSEError, msgspec.DecodeError) as error:
            raise self._failure(error) from error
        finally:
            if response is not None:
                await response.aclose()

    async def _refusal(self, response: httpx.Response, path: str) -> InterfixError:
        code = response.status_code
        said = _said(await response.aread())
        wait = _seconds(response.headers.get("Retry-After", ""))
        role = self.place.role
        if code in (401, 403):
            return Rejected(f"{self.place.who} does not accept the token ({code}); look at {role}.token.")
        if code == 404:
            return Rejected(f"{self.place.who} has nothing at {path} (404){said}; look at {role}.url and {role}.model.")
        if code == 429:
            return Passing(f"{self.place.who} has too much to do (429).", wait)
        if code in PASSING:
            return Passing(f"{self.place.who} failed ({code}){said}; its own log says more.", wait)
        return Rejected(f"{self.place.who} refused the request ({code}){said}.")

    def _failure(self, error: Exception) -> InterfixError:
        who, role = self.place.who, self.place.role
        if (untrusted := _cause(error, ssl.SSLError)) is not None:
            why = getattr(untrusted, "verify_message", "") or getattr(untrusted, "reason", "") or "no TLS"
            return Unavailable(f"{who} shows a certificate that is not trusted ({why}); see {role}.certificates.")
        if isinstance(error, httpx.ConnectTimeout):
            return Passing(f"{who} cannot be reached: no connection after {self._patience.connect:.0f} s.")
        if isinstance(error, httpx.ConnectError):
            return Passing(f"{who} cannot be reached: nothing answers there. Is it running?")
        if isinstance(error, (SSEError, msgspec.DecodeError)):
            return Unavailable(f"{who} answers with what is no {self.place.engine} answer; look at {role}.url.")
        return Passing(f"{who} broke off ({type(error).__name__}).")


def _trust(place: Place, certificates: str) -> ssl.SSLContext:
    try:
        return trust(certificates)
    except (OSError, ssl.SSLError):
        raise BadUsage(f"{place.role}.certificates names {certificates}, which holds no certificates that can be read.") from None


def _said(body: bytes) -> str:
    """What a server says of an error, where it says it in a sentence: longer texts may repeat the request."""
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    inner = told.get("error", told) if isinstance(told, dict) else None
    said = inner if isinstance(inner, str) else next((inner[k] for k in ("message", "detail") if k in inner), "") if inner else ""
    return f": {said.strip().rstrip('.')}" if isinstance(said, str) and 0 < len(said) <= 200 else ""


def _seconds(header: str) -> float:
    return float(header) if header.isdigit() else 0.0


def _cause(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error
