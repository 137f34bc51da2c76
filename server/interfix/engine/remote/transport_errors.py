"""What went wrong between a server and us, as one sentence each, and whether it may pass."""

import re
import ssl
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import msgspec
from httpx_sse import SSEError

from interfix.config.url_host import parse_host
from interfix.engine.remote.server_address import Endpoint
from interfix.errors import InterfixError, UnavailableError, UsageError
from interfix.system.digit_parsing import parse_whole_number

TRANSIENT_CODES = (408, 425, 429, 500, 502, 503, 504)
"""Answers that may be others a moment later."""
_MAX_RETRY_SECONDS = 86_400
"""A server that wants to be left alone for longer is asked again after a day."""
_PART = 6
"""So many characters in a row of a token are too many to be repeated."""
_CREDENTIAL = re.compile(r"(?i)\b(?:bearer|basic|authorization|api[-_ ]?key)\b[\"'`\s:=]*[\w+/.=~-]{6,}")
DECODE_ERRORS = (SSEError, msgspec.DecodeError, RecursionError)
"""What decoding an answer raises: it is none of this kind of server."""


class TransientFailure(UnavailableError):
    """A failure that may be gone a moment later: a mark against the server."""

    def __init__(self, message: str, *, retry_after: float = 0.0, retryable: bool = True) -> None:
        """The server wants to be left alone for `retry_after` seconds; `retryable` says whether another try is worth it at once."""
        super().__init__(message)
        self.retry_after = retry_after
        self.retryable = retryable


class ModelNotReady(UnavailableError):
    """The server is well, but has no model yet."""


class RequestRejected(UsageError):
    """The server understood the request and will not do it."""


class AnswerTooLarge(Exception):
    """More bytes have come than any answer has."""


async def read_error(endpoint: Endpoint, path: str, response: httpx.Response, secret: str) -> InterfixError:
    """The error that a response stands for, with what the server says of it. Raises what reading it raises."""
    code = response.status_code
    message = redact_token(_read_error_message(await response.aread()), secret)
    wait = _parse_retry_after(response.headers.get("Retry-After", ""))
    role = endpoint.role.settings_group
    if response.has_redirect_location:
        host = parse_host(response.headers["Location"]) or "another path"
        return RequestRejected(
            f"{endpoint.display_name} sends us on to {host} ({code}), which is not followed; set {role}.url to that."
        )
    if code == 503 and "loading" in message.lower():
        return ModelNotReady(f"{endpoint.display_name} is still loading its model; ask again in a moment.")
    if code in (401, 403):
        return RequestRejected(f"{endpoint.display_name} does not accept the token ({code}); look at {role}.token.")
    if code == 404:
        return RequestRejected(
            f"{endpoint.display_name} has nothing at {path} (404){message}; look at {role}.url and {role}.model."
        )
    if code == 429:
        return TransientFailure(f"{endpoint.display_name} has too much to do (429).", retry_after=wait)
    if code in TRANSIENT_CODES:
        return TransientFailure(f"{endpoint.display_name} failed ({code}){message}; its own log says more.", retry_after=wait)
    return RequestRejected(f"{endpoint.display_name} refused the request ({code}){message}.")


def translate_error(endpoint: Endpoint, error: Exception, secret: str, connect_seconds: float) -> InterfixError:
    """The error that a failed exchange stands for."""
    who, role = endpoint.display_name, endpoint.role.settings_group
    if (untrusted := _find_cause(error, ssl.SSLError)) is not None:
        why = getattr(untrusted, "verify_message", "") or getattr(untrusted, "reason", "") or "no TLS"
        return UnavailableError(f"{who} shows a certificate that is not trusted ({why}); see {role}.certificates.")
    if isinstance(error, httpx.ProxyError):
        return UnavailableError(
            f"{who} cannot be reached: the proxy on the way refuses{redact_token(f': {str(error)[:60]}', secret)}."
        )
    if isinstance(error, httpx.ConnectTimeout):
        return TransientFailure(f"{who} cannot be reached: no connection after {connect_seconds:.0f} s.")
    if isinstance(error, httpx.ConnectError):
        there = "the proxy on the way to it does not answer" if _uses_proxy(endpoint) else "nothing answers there"
        return TransientFailure(f"{who} cannot be reached: {there}. Is it running?")
    if isinstance(error, AnswerTooLarge):
        return UnavailableError(f"{who} answers without an end; look at {role}.url.")
    if isinstance(error, DECODE_ERRORS):
        return UnavailableError(f"{who} answers with what is no {endpoint.engine} answer; look at {role}.url.")
    return TransientFailure(f"{who} broke off ({type(error).__name__}).")


def _read_error_message(body: bytes) -> str:
    """What a server says of an error, where it says it in a sentence: longer texts may repeat the request."""
    try:
        answer = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    inner = answer.get("error", answer) if isinstance(answer, dict) else ""
    message = next((inner[key] for key in ("message", "detail") if key in inner), "") if isinstance(inner, dict) else inner
    return f": {message.strip().rstrip('.')}" if isinstance(message, str) and 0 < len(message) <= 200 else ""


def redact_token(message: str, secret: str) -> str:
    """What a server says; nothing where it repeats the token, a part of it, or what looks like any."""
    parts = {secret[i : i + _PART] for i in range(max(1, len(secret) - _PART + 1))} if secret else set()
    unquoted = urllib.parse.unquote(message)
    if any(part in text for part in parts for text in (message, unquoted)) or _CREDENTIAL.search(unquoted):
        return ""
    return message


def _parse_retry_after(header: str) -> float:
    """How long a server asks to be left alone: seconds, or until a date (RFC 9110, section 10.2.3)."""
    if (seconds := parse_whole_number(header, _MAX_RETRY_SECONDS)) is not None:
        return float(seconds)
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
