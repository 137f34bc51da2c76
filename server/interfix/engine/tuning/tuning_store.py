"""What `interfix tune` has found out about this machine, for each model."""

import logging
from pathlib import Path

import msgspec

from interfix.config.paths import state_dir
from interfix.config.state_file import StateFile
from interfix.engine.runtime_config import RuntimeConfig
from interfix.models.catalog import list_entries
from interfix.models.speed_measurements import forget_speed
from interfix.system.processor_identity import identify_processor

log = logging.getLogger(__name__)

DEFAULT_PROMPT_TOKENS = 1024
"""Length of an infill prompt where nothing was tuned and nobody has set one, tokens."""


class Tuning(msgspec.Struct, frozen=True):
    """The outcome of tuning one model."""

    key: str
    """Build, processor and model file."""
    setup: RuntimeConfig
    """How to run it."""
    prompt_tokens: int
    """The longest prompt with which a keystroke meets the latency target, tokens."""
    line_ms: float
    """From a keystroke to the end of a ten-token line with such a prompt in the cache, ms, as measured."""
    prompt_tokens_s: float
    """Speed of a cold prompt, tokens a second, as measured."""
    gain: float
    """How many times faster a cold prompt is than with the published file and llama.cpp's own settings."""
    token_ms: float = 0.0
    """To write one token, ms, as measured; 0 where nothing was measured."""
    is_undone: bool = False
    """The user went back to the model as it was published: it is measured again only if asked."""
    is_told: bool = True
    """Whether the user has been told of it."""

    @property
    def model_name(self) -> str:
        """What the model is called."""
        return name_model(self.key.rsplit("|", 2)[1])

    def describe(self, model: str) -> str:
        """What the setup of the model of that name gains, and how to go back: a sentence or two."""
        if self.is_undone:
            return f"{model} runs as it was published, as you asked; `interfix tune` measures it anew."
        if not self.prompt_tokens_s:
            return f"{model} could not be measured on this machine and runs as it was published."
        if self.setup == RuntimeConfig():
            return f"{model} was measured here and runs best as it was published, with prompts of {self.prompt_tokens} tokens."
        weights = f", from weights stored anew as {self.setup.quantisation}" if self.setup.weights else ""
        return (
            f"{model} was measured on this machine and reads prompts {self.gain:.1f} times as fast as published{weights}. "
            "`interfix tune --undo` goes back."
        )


class TuningStore:
    """Remembers tunings for this build of llama.cpp, this processor, and model files by name and size."""

    def __init__(self, build: str) -> None:
        """`build` tells one native library from another."""
        self._build = build
        self._file: StateFile[list[Tuning]] = StateFile(state_dir() / "tunings.json", list[Tuning], list)

    def find(self, model: str) -> Tuning | None:
        """The tuning of a model file; None where it was not tuned here, or the weights made for it are gone."""
        remembered = next((tuning for tuning in self._file.read() if tuning.key == self.make_key(model)), None)
        if remembered is not None and remembered.setup.weights and not Path(remembered.setup.weights).is_file():
            log.warning("the tuned weights of %s are gone; its own file is used", Path(model).name)
            return None
        return remembered

    def remember(self, model: str, tuning: Tuning) -> None:
        """Keep what was found, in place of what was known. Raises `OSError` where it cannot be kept."""
        self._replace(model, tuning)

    def undo(self, model: str) -> None:
        """Run the model as it was published from now on, and delete the weights that were stored anew for it.

        How fast those were is forgotten: no choice of a model follows it.
        """
        if (tuning := self.find(model)) is not None and tuning.setup.weights:
            Path(tuning.setup.weights).unlink(missing_ok=True)
            forget_speed(Path(model))
        published = RuntimeConfig()
        self._replace(model, Tuning(self.make_key(model), published, DEFAULT_PROMPT_TOKENS, 0.0, 0.0, 1.0, is_undone=True))

    def list_weights(self) -> set[str]:
        """The files of weights that a tuning of any model, build or processor uses."""
        return {tuning.setup.weights for tuning in self._file.read() if tuning.setup.weights}

    def list_untold(self) -> list[Tuning]:
        """What was found for this build and processor while nobody was there to be told."""
        mine = f"{self._build}|{identify_processor()}|"
        return [tuning for tuning in self._file.read() if not tuning.is_told and tuning.key.startswith(mine)]

    def mark_told(self) -> None:
        """The user has been told of everything."""
        self._file.update(lambda tunings: [msgspec.structs.replace(tuning, is_told=True) for tuning in tunings])

    def make_key(self, model: str) -> str:
        """What a tuning holds for: this build, this processor, and the file by its name and size."""
        path = Path(model)
        size = path.stat().st_size if path.is_file() else 0
        return f"{self._build}|{identify_processor()}|{path.name}|{size}"

    def _replace(self, model: str, tuning: Tuning) -> None:
        key = self.make_key(model)
        self._file.update(lambda tunings: [*(each for each in tunings if each.key != key), tuning], is_wanted_later=True)


def name_model(path: str) -> str:
    """What the model of a file is called: its name in the catalog, else that of the file without the ending."""
    file = Path(path)
    return next((entry.name for entry in list_entries() if entry.file == file.name), file.stem)
