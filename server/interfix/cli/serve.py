"""`interfix serve`: the language server, or with --http the server for other clients."""

from typing import Annotated

import typer

from interfix.cli.cli_settings import load_settings
from interfix.cli.library_download import ensure_library
from interfix.cli.pull_progress import show_pull_bar
from interfix.errors import UnavailableError, UsageError
from interfix.inference_types import NEEDED_ROLES
from interfix.models.model_selection import pull_and_select_models, select_models
from interfix.output.console_output import write_message
from interfix.system.digit_parsing import parse_whole_number

HTTP_ADDRESS = "127.0.0.1:8012"
_MAX_PORT = 65535
"""Where llama.vim and llama.vscode look for their server."""


def serve(
    address: Annotated[str, typer.Argument(metavar="HOST:PORT", help="Where --http listens.", show_default=False)] = "",
    stdio: Annotated[bool, typer.Option("--stdio", help="Speak LSP on stdin and stdout (the default).")] = False,
    tcp: Annotated[str, typer.Option("--tcp", metavar="HOST:PORT", help="Listen for one editor on a TCP port instead.")] = "",
    http: Annotated[
        bool,
        typer.Option("--http", help=f"Speak llama-server's, OpenAI's and Ollama's API instead, at HOST:PORT or {HTTP_ADDRESS}."),
    ] = False,
) -> None:
    """Run the language server, as editors do, or with --http a server for other clients."""
    if stdio + bool(tcp) + http > 1:
        raise UsageError("Choose one of --stdio, --tcp and --http.")
    if address and not http:
        raise UsageError(f"What is to be done with {address}? Write --http {address} or --tcp {address}.")
    if http:
        _serve_http(*_parse_address(address or HTTP_ADDRESS))
        return
    from interfix.lsp.server import serve as serve_lsp

    raise typer.Exit(serve_lsp(_parse_address(tcp) if tcp else None))


def _serve_http(host: str, port: int) -> None:
    settings = load_settings()
    try:
        from interfix.http_api.server import serve_http
    except ModuleNotFoundError as error:
        if error.name not in ("uvicorn", "starlette"):
            raise
        raise UnavailableError(
            f"--http needs {error.name}, which is not installed: run `uv tool install 'interfix[http]'`, or in a checkout "
            "`uv sync --extra http`."
        ) from None
    try:
        with show_pull_bar("model") as report:
            message = pull_and_select_models(settings.models, report, settings.get_backends()).why
    except UnavailableError as error:  # one role may be there all the same
        models = select_models(settings.models, settings.get_backends())
        if models.base is None and models.instruct is None:
            raise
        message = str(error)
    ensure_library(settings, *NEEDED_ROLES)
    write_message(message, error=True)
    serve_http(host, port, settings)


def _parse_address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    number = parse_whole_number(port, _MAX_PORT + 1)
    if not host or number is None or number > _MAX_PORT:
        raise UsageError(f"'{text}' is no address; write HOST:PORT, such as 127.0.0.1:4711.")
    return host.strip("[]"), number
