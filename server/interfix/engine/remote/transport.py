"""HTTP to one server: a pool, time-outs for each phase, retries, trust, and a sentence for whatever goes wrong. Knows no API."""

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

from interfix.config.settings import Serving
from interfix.config.urls import host_name
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
LARGEST = 64 << 20
"""No answer has more bytes, whatever else it is."""
FAREWELL = 0.5
"""So long may a server take to end an answer that is complete, seconds: its connection can then be used again."""
IDLE = 30.0
"""A connection that nobody has used for so long is not used again, seconds: longer than most pauses to think."""
PASSING = (408, 425, 429, 500, 502, 503, 504)
"""Answers that may be others a moment later."""
_PART = 6
"""So many characters in a row of a token are too many to be repeated."""
_CREDENTIAL = re.compile(r"(?i)\b(?:bearer|basic|authorization|api[-_ ]?key)\b[\"'`\s:=]*[\w+/.=~-]{6,}")
_NO_ANSWER = (SSEError, msgspec.DecodeError, RecursionError)


class Passing(Unavailable):
    """A failure that may be gone a moment later: a mark against the server."""

    def __init__(self, sentence: str, *, wait: float = 0.0, again: bool = True) -> None:
        """The server wants to be left alone for `wait` seconds; `again` says whether another try is worth it at once."""
        super().__init__(sentence)
        self.wait = wait
        self.again = again


class Loading(Unavailable):
    """The server is well, but has no model yet."""


class Rejected(BadUsage):
    """The server understood the request and will not do it."""


Decode = Callable[[httpx.Response], AsyncIterator[str | bytes]]
Told = TypeVar("Told")


async def server_sent(response: httpx.Response) -> AsyncIterator[str]:
    """The data of server-sent events, up to OpenAI's `[DONE]`."""
    events = EventSource(response).aiter_sse()
    async for event in events:
        if event.data == "[DONE]":
            with suppress(TimeoutError, httpx.HTTPError):  # it is complete, however it ends
                async with asyncio.timeout(FAREWELL):
                    await anext(events, None)
            return
        if event.data:
            yield event.data


async def lines(response: httpx.Response) -> AsyncIterator[bytes]:
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


def _reads_nothing(_event: Any) -> bool:
    return False


class Transport:
    """Requests to one server."""

    def __init__(self, place: Place, serving: Serving, patience: Patience | None = None) -> None:
        """Raises `BadUsage` for a token reference or a file of certificates that is none, `Unavailable` without the token."""
        self.place = place
        self.breaker = Breaker()
        self._patience = patience or Patience()
        secret = self._secret = token(serving.token, f"{place.role}.token")
        if place.exposes_token:
            log.warning("%s", place.exposure)
        quiet = self._patience.connect
        http2.install()
        self._client = httpx.AsyncClient(
            base_url=place.url,
            # Compressed, tokens would be held back until there are enough of them.
            headers={"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {secret}"} if secret else {}),
            http2=True,
            limits=httpx.Limits(keepalive_expiry=IDLE),
            verify=_trust(place, serving.certificates) if place.url.startswith("https:") else False,
            trust_env=place.leaves,  # a proxy is for other machines
            timeout=httpx.Timeout(None, connect=quiet, pool=quiet, write=quiet),
        )
        for noisy in ("httpx", "httpcore", "hpack"):  # the last one logs headers, and the token with them
            logging.getLogger(noisy).setLevel(logging.WARNING)

    async def ask(self, path: str, kind: type[Told], body: Any = None) -> Told:
        """A short question and its JSON answer: GET without a body, else POST. Raises `Unavailable`, or `Rejected`."""

        async def whole(response: httpx.Response) -> AsyncIterator[bytes]:
            yield await response.aread()

        async with aclosing(self._events(path, body, whole, kind, self._patience.answer, _reads_nothing, streams=False)) as answers:
            async for answer in answers:
                return answer
        raise Unavailable(f"{self.place.who} gave no answer to {path}.")

    def stream(
        self, path: str, body: Any, decode: Decode, kind: type[Told], reads: Callable[[Told], bool] = _reads_nothing
    ) -> AsyncGenerator[Told, None]:
        """The JSON events of an answer; closing it closes the stream, which ends the work on the server.

        Sent again only while nothing has come. `reads` tells the events that only say that the prompt is being read. Raises
        `Unavailable`, or `Rejected`.
        """
        return self._events(path, body, decode, kind, self._patience.first, reads, streams=True)

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _events(
        self,
        path: str,
        body: Any,
        decode: Decode,
        kind: type[Told],
        first: float,
        reads: Callable[[Told], bool],
        *,
        streams: bool,
    ) -> AsyncGenerator[Told, None]:
        self.breaker.check()
        for pause in (*RETRIES, None):
            begun = False
            try:
                async with aclosing(self._once(path, body, decode, kind, first, reads)) as events:
                    async for event in events:
                        if streams and not begun:
                            self.breaker.succeeded()  # to answer short questions is no sign that it can compute
                        begun = True
                        yield event
                return
            except Passing as error:
                if begun or pause is None or not error.again or error.wait > LONGEST_WAIT:
                    self.breaker.failed(str(error), error.wait)
                    raise
                log.info("%s Asked again.", error)
                await asyncio.sleep(max(error.wait, pause * random.uniform(0.5, 1.5)))

    async def _once(
        self, path: str, body: Any, decode: Decode, kind: type[Told], first: float, reads: Callable[[Told], bool]
    ) -> AsyncGenerator[Told, None]:
        request = self._client.build_request("GET" if body is None else "POST", path, json=body)
        response: httpx.Response | None = None
        seconds = first
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.send(request, stream=True)
                response.stream = _Bounded(response.stream)
                if not response.is_success:
                    raise await self._refusal(response, path)
            events = decode(response)
            while True:
                async with asyncio.timeout(seconds):
                    event = await anext(events, None)
                if event is None:
                    return
                decoded = msgspec.json.decode(event, type=kind)
                if not reads(decoded):
                    seconds = self._patience.next
                yield decoded
        except InterfixError:
            raise
        except TimeoutError:
            # Not asked again: a server that cannot keep up would have the same work twice.
            raise Passing(f"{self.place.who} has said nothing for {seconds:.0f} s.", again=False) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ProtocolError, _TooLarge, *_NO_ANSWER) as error:
            raise self._failure(error) from error
        finally:
            if response is not None:
                await response.aclose()

    async def _refusal(self, response: httpx.Response, path: str) -> InterfixError:
        code = response.status_code
        said = without_token(_said(await response.aread()), self._secret)
        wait = _seconds(response.headers.get("Retry-After", ""))
        role = self.place.role
        if response.has_redirect_location:
            host = host_name(response.headers["Location"]) or "another path"
            return Rejected(f"{self.place.who} sends us on to {host} ({code}), which is not followed; set {role}.url to that.")
        if code == 503 and "loading" in said.lower():
            return Loading(f"{self.place.who} is still loading its model; ask again in a moment.")
        if code in (401, 403):
            return Rejected(f"{self.place.who} does not accept the token ({code}); look at {role}.token.")
        if code == 404:
            return Rejected(f"{self.place.who} has nothing at {path} (404){said}; look at {role}.url and {role}.model.")
        if code == 429:
            return Passing(f"{self.place.who} has too much to do (429).", wait=wait)
        if code in PASSING:
            return Passing(f"{self.place.who} failed ({code}){said}; its own log says more.", wait=wait)
        return Rejected(f"{self.place.who} refused the request ({code}){said}.")

    def _failure(self, error: Exception) -> InterfixError:
        who, role = self.place.who, self.place.role
        if (untrusted := _cause(error, ssl.SSLError)) is not None:
            why = getattr(untrusted, "verify_message", "") or getattr(untrusted, "reason", "") or "no TLS"
            return Unavailable(f"{who} shows a certificate that is not trusted ({why}); see {role}.certificates.")
        if isinstance(error, httpx.ProxyError):
            return Unavailable(
                f"{who} cannot be reached: the proxy on the way refuses{without_token(f': {str(error)[:60]}', self._secret)}."
            )
        if isinstance(error, httpx.ConnectTimeout):
            return Passing(f"{who} cannot be reached: no connection after {self._patience.connect:.0f} s.")
        if isinstance(error, httpx.ConnectError):
            there = "the proxy on the way to it does not answer" if _proxied(self.place) else "nothing answers there"
            return Passing(f"{who} cannot be reached: {there}. Is it running?")
        if isinstance(error, _TooLarge):
            return Unavailable(f"{who} answers without an end; look at {role}.url.")
        if isinstance(error, _NO_ANSWER):
            return Unavailable(f"{who} answers with what is no {self.place.engine} answer; look at {role}.url.")
        return Passing(f"{who} broke off ({type(error).__name__}).")


class _TooLarge(Exception):
    """More bytes have come than any answer has."""


class _Bounded(httpx.AsyncByteStream):
    """An answer's bytes, up to so many."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for data in self._stream:
            size += len(data)
            if size > LARGEST:
                raise _TooLarge
            yield data

    async def aclose(self) -> None:
        await self._stream.aclose()


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
    inner = told.get("error", told) if isinstance(told, dict) else ""
    said = next((inner[key] for key in ("message", "detail") if key in inner), "") if isinstance(inner, dict) else inner
    return f": {said.strip().rstrip('.')}" if isinstance(said, str) and 0 < len(said) <= 200 else ""


def without_token(said: str, secret: str) -> str:
    """What a server says; nothing where it repeats the token, a part of it, or what looks like any."""
    parts = {secret[i : i + _PART] for i in range(max(1, len(secret) - _PART + 1))} if secret else set()
    plain = urllib.parse.unquote(said)
    if any(part in text for part in parts for text in (said, plain)) or _CREDENTIAL.search(plain):
        return ""
    return said


def _seconds(header: str) -> float:
    """How long a server asks to be left alone: seconds, or until a date (RFC 9110, section 10.2.3)."""
    if header.isdigit():
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0


def _proxied(place: Place) -> bool:
    proxies = urllib.request.getproxies()
    scheme = place.url.partition(":")[0]
    return place.leaves and bool(proxies.get(scheme) or proxies.get("all")) and not urllib.request.proxy_bypass(place.host)


def _cause(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error
