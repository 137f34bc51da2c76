"""What a client is told where its request cannot be answered: OpenAI's error object, which llama-server's clients read as well."""

from typing import Any

from interfix.errors import InterfixError, UnavailableError, UsageError


class HttpError(Exception):
    """A refusal with its status and a sentence."""

    def __init__(self, status: int, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        """The field of the request that is wrong; None where it is not one field."""


_TYPES = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error"}


def build_error(status: int, message: str, param: str | None = None) -> dict[str, Any]:
    """OpenAI's error object; `code` is the status, as llama-server has it."""
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "unavailable_error" if status == 503 else "server_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": status}}


def to_http_error(error: InterfixError) -> HttpError:
    """What one of the product's own errors is to a client: its sentence, and whose fault it is."""
    status = 400 if isinstance(error, UsageError) else 503 if isinstance(error, UnavailableError) else 500
    return HttpError(status, str(error))
