"""The routing table, as an ASGI application."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp

from interfix.http_api.access_check import AccessCheck
from interfix.http_api.api_services import ApiServices
from interfix.http_api.endpoint import ClientRequest, Handler, HttpEndpoint, RequestLimit
from interfix.http_api.errors import HttpError
from interfix.http_api.llama_server_api import LlamaServerApi
from interfix.http_api.ollama_api import OllamaApi
from interfix.http_api.openai_api import OpenAiApi
from interfix.http_api.replies import JsonReply, Reply


def create_app(services: ApiServices, *, token: str = "", origins: tuple[str, ...] = (), any_host: bool = False) -> ASGIApp:
    """The application over an engine. Whoever has no `token`, or is a page of none of the `origins`, is turned away."""
    llama_server, openai, ollama = LlamaServerApi(services), OpenAiApi(services), OllamaApi(services)
    limit = RequestLimit()
    routes: list[tuple[str, str, Handler]] = [
        ("GET", "/health", llama_server.health),
        ("GET", "/v1/health", llama_server.health),
        ("GET", "/props", llama_server.props),
        ("POST", "/infill", llama_server.infill),
        ("POST", "/completion", llama_server.complete),
        ("POST", "/tokenize", llama_server.tokenize),
        ("POST", "/detokenize", llama_server.detokenize),
        ("GET", "/v1/models", openai.list_models),
        ("GET", "/models", openai.list_models),
        ("POST", "/v1/completions", openai.complete),
        ("POST", "/completions", openai.complete),
        ("POST", "/v1/fim/completions", openai.complete_fim),
        ("POST", "/v1/chat/completions", openai.chat),
        ("POST", "/chat/completions", openai.chat),
    ]
    ollama_routes: list[tuple[str, str, Handler]] = [
        ("POST", "/api/generate", ollama.generate),
        ("POST", "/api/chat", ollama.chat),
        ("POST", "/api/show", ollama.show),
        ("GET", "/api/tags", ollama.list_tags),
        ("GET", "/api/version", ollama.version),
        ("GET", "/", _greet),
    ]
    table = [Route(path, HttpEndpoint(handler, limit), methods=[method]) for method, path, handler in routes]
    table += [
        Route(path, HttpEndpoint(handler, limit, plain_errors=True), methods=[method]) for method, path, handler in ollama_routes
    ]
    table.append(Route("/{path:path}", HttpEndpoint(_refuse_path, limit)))
    middleware = [Middleware(AccessCheck, token=token, origins=origins, any_host=any_host)]
    if origins:
        middleware.insert(0, Middleware(CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=["*"]))
    return Starlette(routes=table, middleware=middleware)


async def _greet(_request: ClientRequest) -> Reply:
    """`GET /`, by which Ollama's clients see that a server is there."""
    return JsonReply({"status": "ok"})


async def _refuse_path(request: ClientRequest) -> Reply:
    raise HttpError(
        404, f"There is nothing at {request.path[:200]}. Interfix speaks parts of llama-server's, OpenAI's and Ollama's API."
    )
