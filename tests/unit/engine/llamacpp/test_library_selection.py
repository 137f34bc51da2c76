"""Which library computes: the first that works, remembered until something changes, with a sentence on what was passed over."""

import shutil
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from interfix.config import paths
from interfix.config.settings import EngineSettings
from interfix.engine.llamacpp import library_selection
from interfix.engine.llamacpp.abi_check import AbiCheckResult
from interfix.engine.llamacpp.machine_detection import Gpus, Machine
from interfix.engine.llamacpp.packages import Binding, Package
from interfix.errors import UnavailableError

RADEON = Machine("linux", "x86_64", "2.36", Gpus(vulkan=("Radeon",)))
NO_GPU = Machine("linux", "x86_64", "2.36")


class FakePackageSource:
    """A machine and its sources: which packages can be had, and what comes of trying them."""

    def __init__(self, directory: Path) -> None:
        self.settings = EngineSettings(directory=str(directory))
        self.machine = NO_GPU
        self.drivers = ""
        self.lacking: set[str] = set()
        self.outcomes: dict[str, AbiCheckResult | str] = {}
        self.installed: list[str] = []
        self.compiles = False
        self.tried: list[str] = []

    def install(self, wanted: Package | Binding, directory: Path, _progress: object, _mirror: str) -> Path:
        name = wanted.name if isinstance(wanted, Package) else "binding"
        if name in self.lacking:
            raise UnavailableError(f"{name} cannot be had now.")
        self.installed.append(name)
        (directory / wanted.folder).mkdir(exist_ok=True)
        return directory / wanted.folder

    def compile(self, directory: Path, _progress: object) -> Path:
        if not self.compiles:
            raise UnavailableError("llama.cpp could not be compiled.")
        (directory / "compiled-0.3.36").mkdir(exist_ok=True)
        return directory / "compiled-0.3.36"

    def try_library(self, folder: Path, _declarations: Path) -> AbiCheckResult | str:
        self.tried.append(folder.name)
        name = folder.name.rpartition("-")[0] or folder.name
        return self.outcomes.get(name, AbiCheckResult(0, ("Vulkan0",) if "vulkan" in name else ()))

    def prepare(self, library: str = "") -> library_selection.Library:
        return library_selection.prepare_library(replace(self.settings, library=library))


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePackageSource:
    bench = FakePackageSource(tmp_path / "libraries")
    monkeypatch.setattr(library_selection, "install_package", bench.install)
    monkeypatch.setattr(library_selection, "_try_library", bench.try_library)
    monkeypatch.setattr(library_selection, "compile_library", bench.compile)
    monkeypatch.setattr(library_selection, "detect_machine", lambda: bench.machine)
    monkeypatch.setattr(library_selection, "identify_drivers", lambda: bench.drivers)
    return bench


def test_the_processor_computes_where_there_is_no_gpu(bench: FakePackageSource) -> None:
    library = bench.prepare()
    assert (library.variant, library.why, library.passed_over) == ("cpu", "no driver here shows a GPU", ())


def test_a_gpu_is_taken_by_itself_and_named(bench: FakePackageSource) -> None:
    bench.machine = RADEON
    library = bench.prepare()
    assert (library.variant, library.why, library.gpus) == ("vulkan", "Vulkan shows Radeon", ("Vulkan0",))


def test_what_was_found_is_remembered(bench: FakePackageSource) -> None:
    assert bench.prepare() == bench.prepare()
    assert bench.tried == ["linux-x64-3.22.1"]
    shutil.rmtree(bench.prepare().folder)
    bench.prepare()
    assert len(bench.tried) == 2


def test_a_driver_that_comes_has_the_machine_looked_at_again(bench: FakePackageSource) -> None:
    assert bench.prepare().variant == "cpu"
    bench.machine, bench.drivers = RADEON, "radeon"
    assert bench.prepare().variant == "vulkan"
    bench.machine, bench.drivers = NO_GPU, ""
    assert bench.prepare().variant == "cpu"
    assert len(bench.tried) == 2


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        ("it crashes here (code -11)", "it crashes here (code -11)."),
        ("it was not done after 300 s", "it was not done after 300 s."),
        (AbiCheckResult(0, ()), "it finds no GPU that it can use."),
    ],
)
def test_a_gpu_variant_that_fails_is_left_for_the_processor(
    bench: FakePackageSource, outcome: AbiCheckResult | str, sentence: str
) -> None:
    bench.machine = RADEON
    bench.outcomes["linux-x64-vulkan"] = outcome
    library = bench.prepare()
    assert library.variant == "cpu"
    assert library.passed_over == (f"linux-x64-vulkan 3.22.1 (llama.cpp v0.5.0) was passed over: {sentence}",)
    bench.prepare()
    assert len(bench.tried) == 2


@pytest.mark.parametrize("passed_seconds", [library_selection.RETRY_SECONDS + 1, -365 * 24 * 3600])
def test_a_variant_that_could_not_be_fetched_is_tried_again_later(
    bench: FakePackageSource, monkeypatch: pytest.MonkeyPatch, passed_seconds: float
) -> None:
    bench.machine = RADEON
    bench.lacking = {"linux-x64-vulkan"}
    assert bench.prepare().passed_over == ("linux-x64-vulkan cannot be had now.",)
    bench.lacking.clear()
    assert bench.prepare().variant == "cpu", "no process after this one waits for the network again"
    now = time.time()
    monkeypatch.setattr(library_selection.time, "time", lambda: now + passed_seconds)
    assert bench.prepare().variant == "vulkan"


def test_the_setting_wins_and_what_fails_of_it_is_told(bench: FakePackageSource, tmp_path: Path) -> None:
    bench.machine = RADEON
    assert bench.prepare("cpu").variant == "cpu"
    assert bench.prepare().variant == "vulkan"
    (tmp_path / "own").mkdir()
    own = bench.prepare(str(tmp_path / "own"))
    assert (own.variant, own.folder, own.why) == ("own", str(tmp_path / "own"), "engine.library says so")
    bench.outcomes["own"] = "it has no llama_decode"
    bench.drivers = "changed"
    fallen = bench.prepare(str(tmp_path / "own"))
    assert fallen.variant == "vulkan"
    assert fallen.passed_over == (f"{tmp_path / 'own'} was passed over: it has no llama_decode.",)


def test_a_setting_that_names_nothing_is_told(bench: FakePackageSource) -> None:
    library = bench.prepare("vulcan")
    assert library.variant == "cpu"
    assert library.passed_over == (
        "engine.library is 'vulcan', of which there is none for this machine; there is: cpu, cuda, vulkan.",
    )


def test_where_nothing_works_every_reason_is_told(bench: FakePackageSource) -> None:
    bench.machine = RADEON
    bench.lacking = {"linux-x64-vulkan"}
    bench.outcomes["linux-x64"] = "it crashes here (code -4)"
    with pytest.raises(UnavailableError, match=r"^linux-x64-vulkan cannot be had now\. linux-x64 .* passed over: it crashes here"):
        bench.prepare()


def test_a_machine_without_a_prebuilt_library_is_told_what_to_do(bench: FakePackageSource) -> None:
    bench.machine = Machine("linux", "riscv64", "2.36")
    with pytest.raises(UnavailableError, match=r"no prebuilt llama\.cpp for linux on riscv64.* could not be compiled"):
        bench.prepare()
    bench.compiles = True
    library = bench.prepare()
    assert (library.variant, library.why) == ("compiled", "no prebuilt library can be used here")


def test_compiling_is_a_choice_too(bench: FakePackageSource) -> None:
    bench.compiles = True
    assert (bench.prepare("compiled").variant, bench.prepare().variant) == ("compiled", "cpu")


def test_a_folder_that_cannot_be_made_is_named(bench: FakePackageSource, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    bench.settings = EngineSettings(directory=str(tmp_path / "file/below"))
    with pytest.raises(UnavailableError, match=r"cannot be kept in .*file/below: .*INTERFIX_ENGINE_DIRECTORY"):
        bench.prepare()


def test_the_libraries_lie_in_the_users_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert paths.libraries_dir("/elsewhere") == Path("/elsewhere")
    assert paths.libraries_dir() == tmp_path / "interfix/llama.cpp"
