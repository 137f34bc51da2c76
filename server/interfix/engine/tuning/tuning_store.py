"""What `interfix tune` has found out about this machine, for each model."""

import hashlib
import logging
import platform
from pathlib import Path

import msgspec

from interfix.config.paths import state_dir
from interfix.config.state_file import StateFile
from interfix.engine.runtime_config import RuntimeConfig

log = logging.getLogger(__name__)


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


class TuningStore:
    """Remembers tunings for this build of llama.cpp, this processor, and model files by name and size."""

    def __init__(self, build: str) -> None:
        """`build` tells one native library from another."""
        self._build = build
        self._file: StateFile[list[Tuning]] = StateFile(state_dir() / "tunings.json", list[Tuning], list)

    def find(self, model: str) -> Tuning | None:
        """The tuning of a model file; None where it was not tuned here, or the weights made for it are gone."""
        found = next((tuning for tuning in self._file.read() if tuning.key == self.make_key(model)), None)
        if found is not None and found.setup.weights and not Path(found.setup.weights).is_file():
            log.warning("the tuned weights of %s are gone; its own file is used", Path(model).name)
            return None
        return found

    def remember(self, model: str, tuning: Tuning) -> None:
        """Keep what was found, in place of what was known. Raises `OSError` where it cannot be kept."""
        self._replace(model, tuning)

    def forget(self, model: str) -> None:
        """Run the model as if it had never been tuned."""
        self._replace(model, None)

    def make_key(self, model: str) -> str:
        """What a tuning holds for: this build, this processor, and the file by its name and size."""
        path = Path(model)
        size = path.stat().st_size if path.is_file() else 0
        return f"{self._build}|{identify_processor()}|{path.name}|{size}"

    def _replace(self, model: str, tuning: Tuning | None) -> None:
        key, added = self.make_key(model), [tuning] if tuning else []
        self._file.update(lambda known: [*(each for each in known if each.key != key), *added], is_wanted_later=True)


def identify_processor() -> str:
    """A short name for this processor: the same for two of one kind with the same features."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    wanted = sorted(
        {line for line in lines if line.startswith(("model", "cpu family", "stepping", "flags", "Features", "CPU part"))}
    )
    return hashlib.blake2s("\n".join(wanted).encode(), digest_size=8).hexdigest()
