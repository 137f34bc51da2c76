"""The command line as a user types it: what it prints, what it leaves, how it exits."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.isolated_home import INTERFIX_COMMAND

SOURCE = '''def mean(values):
    """The arithmetic mean."""
    total = sum(values)
    return ‸


def spread(values):
    lowest = min(values)
    highest = max(values)
    return highest - lowest
'''.replace("‸", "")


class CommandLine:
    """Runs `interfix` in a home of its own."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment = environment
        self.folder = folder

    def __call__(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [INTERFIX_COMMAND, *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done


def assert_parses(completion: str) -> None:
    assert completion.strip()
    compile(SOURCE.replace("return \n", f"return {completion}\n"), "stats.py", "exec")


@pytest.fixture
def interfix(environment: dict[str, str], tmp_path: Path) -> CommandLine:
    (tmp_path / "stats.py").write_text(SOURCE, encoding="utf-8")
    return CommandLine(environment, tmp_path)


def test_complete_prints_one_json_object(interfix: CommandLine) -> None:
    answer = json.loads(interfix("complete", "stats.py:4:12", "--json").stdout)
    assert set(answer) == {"completion", "ms", "prompt_tokens", "tokens", "model"}
    assert_parses(answer["completion"])
    assert answer["prompt_tokens"] > answer["tokens"] > 0


def test_complete_prints_the_text_alone(interfix: CommandLine) -> None:
    assert_parses(interfix("complete", "stats.py:4:12").stdout.rstrip("\n"))


@pytest.mark.parametrize("place", ["gone.py:1:1", "stats.py:99:1", "stats.py:1:99", "stats.py"])
def test_a_place_that_does_not_exist_is_exit_code_2_and_a_sentence(interfix: CommandLine, place: str) -> None:
    done = interfix("complete", place, "--json", code=2)
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_model_that_does_not_exist_is_exit_code_2_and_names_the_nearest(interfix: CommandLine) -> None:
    done = interfix("complete", "stats.py:4:12", "--model", "qwen2.5-coder-1.5", code=2)
    assert "qwen2.5-coder-1.5b" in done.stderr


def test_why_shows_the_exact_prompt_and_where_it_came_from(interfix: CommandLine) -> None:
    (interfix.folder / ".interfix.toml").touch()
    (interfix.folder / "units.py").write_text(
        "class Unit:\n    name: str\n\n    def to_metres(self) -> float:\n        return 1.0\n"
    )
    (interfix.folder / "walk.py").write_text("from units import Unit\n\n\ndef length(unit: Unit) -> float:\n    return unit.\n")
    told = json.loads(interfix("why", "walk.py:5:17", "--json").stdout)
    assert told["prompt"].endswith("<|fim_middle|>")
    assert "<|file_sep|>units.py\nclass Unit:" in told["prompt"]
    parts = {part["path"]: part for part in told["parts"] if part["kind"] == "file"}
    assert (parts["units.py"]["source"], parts["units.py"]["kept"]) == ("imported", True)
    assert sum(part["tokens"] for part in told["parts"]) < told["prompt_tokens"] <= told["budget"]
    done = interfix("why", "walk.py:5:17")
    assert told["prompt"] in done.stdout
    assert "imported" in done.stderr


def test_why_shows_what_a_command_would_ask(interfix: CommandLine) -> None:
    (request,) = json.loads(interfix("why", "stats.py:7-10", "Use sorted.", "--command", "refactor", "--json").stdout)["requests"]
    assert "Instruction: Use sorted." in request["prompt"]
    assert request["prompt"].rstrip().endswith("assistant")
    assert [(part["kind"], part["source"]) for part in request["parts"]] == [("turn", "system"), ("turn", "user")]
    assert 0 < sum(part["tokens"] for part in request["parts"]) < request["prompt_tokens"] <= request["budget"]
    done = interfix("why", "stats.py:7-10", "--command", "2-simplify")
    assert "Write this code simpler" in done.stdout
    assert "the model's template" in done.stderr
    assert "no command nonesuch" in interfix("why", "stats.py", "--command", "nonesuch", code=2).stderr


def test_explain_prints_markdown(interfix: CommandLine) -> None:
    assert len(interfix("explain", "stats.py:7-10").stdout.split()) > 5
    assert json.loads(interfix("explain", "stats.py:7-10", "--json").stdout)["explanation"]


def test_refactor_prints_a_diff_that_applies_or_says_why_not(interfix: CommandLine) -> None:
    done = subprocess.run(
        [
            INTERFIX_COMMAND,
            "refactor",
            "stats.py:7-10",
            "Return max(values) - min(values) directly, without local variables.",
            "--diff",
        ],
        env=interfix.environment,
        cwd=interfix.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode in (0, 1, 3)
    assert done.stderr.strip()
    assert (interfix.folder / "stats.py").read_text("utf-8") == SOURCE
    if done.stdout:
        subprocess.run(["git", "apply", "--unsafe-paths", "-"], input=done.stdout, text=True, cwd=interfix.folder, check=True)
        compile((interfix.folder / "stats.py").read_text("utf-8").replace("return \n", "return 0\n"), "stats.py", "exec")


def test_status_tells_of_the_host(interfix: CommandLine) -> None:
    interfix("complete", "stats.py:4:12")
    status = json.loads(interfix("status", "--json").stdout)
    assert status["pid"] > 0
    assert status["models"]
    assert status["memory_bytes"] > 100_000_000


def test_models_list_says_what_is_here_and_what_serves(interfix: CommandLine) -> None:
    listed = json.loads(interfix("models", "list", "--json").stdout)
    assert {"qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b-instruct"} <= {model["name"] for model in listed["models"]}
    assert listed["chosen"]["base"]
    assert "Folder:" in interfix("models", "list").stdout


def test_doctor_finds_nothing_wrong(interfix: CommandLine) -> None:
    interfix("complete", "stats.py:4:12")
    findings = json.loads(interfix("doctor", "--json").stdout)
    assert {finding["name"] for finding in findings} >= {"llama.cpp", "models", "languages"}
    assert all(finding["ok"] for finding in findings)


def test_wrong_usage_is_exit_code_2(interfix: CommandLine) -> None:
    interfix("complete", code=2)
    interfix("refactor", "stats.py:1-2", "x", "--diff", "--write", code=2)
    interfix("serve", "--tcp", "nowhere", code=2)


def test_a_wrong_setting_is_told_and_its_default_used(interfix: CommandLine) -> None:
    interfix.environment = {**interfix.environment, "INTERFIX_COMPLETION_DEBOUNCE": "5"}
    done = interfix("complete", "stats.py:4:12")
    assert "DEBOUNCE_MS" in done.stderr
    assert done.stdout.strip()
