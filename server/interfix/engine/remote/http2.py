"""Tells a server over HTTP/2 that an answer is no longer wanted: httpcore only forgets the stream, and the server computes on.

The connection stays open for the streams beside it.
"""

from contextlib import suppress

import httpcore
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from httpcore._async import http2

_RESET_REQUEST = httpcore.Request("POST", "https://reset", extensions={"timeout": {"write": 5.0}})
"""Carries the time-out of a reset, seconds, for its stream's own request is over."""


class ResettingConnection(http2.AsyncHTTP2Connection):
    """httpcore's connection; a stream that is closed before its end is reset (RFC 9113, section 5.4.2, with the code CANCEL)."""

    async def _response_closed(self, stream_id: int) -> None:
        stream = self._h2_state.streams.get(stream_id)
        try:
            if stream is not None and not stream.closed:
                with suppress(ProtocolError, httpcore.NetworkError, httpcore.WriteTimeout):  # then the connection is gone, too
                    self._h2_state.reset_stream(stream_id, ErrorCodes.CANCEL)
                    await self._write_outgoing_data(_RESET_REQUEST)
        finally:
            await super()._response_closed(stream_id)


def install_stream_reset() -> None:
    """Have httpcore make such connections: it has no setting for them, and looks the class up for each."""
    http2.AsyncHTTP2Connection = ResettingConnection  # type: ignore[misc]
