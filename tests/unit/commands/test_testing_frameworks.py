"""How a project tests is found from its files."""

from pathlib import Path

import pytest

from interfix.commands.testing_frameworks import detect_framework, locate_test_file

LAYOUTS = {
    "pytest, an empty folder": (
        "python", ["pyproject.toml=pytest", "src/a/one.py", "tests/"], "src/a/one.py", "pytest", "tests/test_one.py",
    ),
    "pytest, beside its kin": (
        "python", ["conftest.py", "a/b/one.py", "tests/b/test_two.py", "tests/c/test_three.py"], "a/b/one.py",
        "pytest", "tests/b/test_one.py",
    ),
    "pytest, there already": ("python", ["pytest.ini", "one.py", "t/test_one.py"], "one.py", "pytest", "t/test_one.py"),
    "pytest is the usual one": ("python", ["one.py"], "one.py", "pytest", "tests/test_one.py"),
    "unittest": ("python", ["setup.py=import unittest", "one.py", "test/"], "one.py", "unittest", "test/test_one.py"),
    "vitest, beside the code": ("typescript", ['package.json="vitest"', "src/one.ts"], "src/one.ts", "vitest", "src/one.test.ts"),
    "jest": ("javascript", ['package.json="jest"', "one.js", "__tests__/"], "one.js", "jest", "__tests__/one.test.js"),
    "jest, specs": ("javascript", ["jest.config.js", "one.js", "spec/two.spec.js"], "one.js", "jest", "spec/one.test.js"),
    "node:test": ("javascript", ['package.json="node --test"', "one.js"], "one.js", "node:test", "test/one.test.js"),
    "go": ("go", ["go.mod", "p/one.go"], "p/one.go", "go test", "p/one_test.go"),
    "rust": ("rust", ["Cargo.toml", "src/one.rs"], "src/one.rs", "cargo test", "src/one.rs"),
    "JUnit": (
        "java", ["pom.xml=junit", "src/main/java/p/One.java", "src/test/java/p/TwoTest.java"], "src/main/java/p/One.java",
        "JUnit 5", "src/test/java/p/OneTest.java",
    ),
    "RSpec": ("ruby", [".rspec", "lib/one.rb", "spec/"], "lib/one.rb", "RSpec", "spec/one_spec.rb"),
    "what others installed is passed over": (
        "python", ["one.py", "node_modules/x/test_one.py", ".venv/test_one.py"], "one.py", "pytest", "tests/test_one.py",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("language", "files", "path", "framework", "target"), LAYOUTS.values(), ids=LAYOUTS)
def test_tests_belong_where_the_project_has_them(
    tmp_path: Path, language: str, files: list[str], path: str, framework: str, target: str
) -> None:
    for file in files:
        name, _, text = file.partition("=")
        where = tmp_path / name
        if name.endswith("/"):
            where.mkdir(parents=True)
        else:
            where.parent.mkdir(parents=True, exist_ok=True)
            where.write_text(text)
    found = locate_test_file(tmp_path / path, language, tmp_path)
    assert (found.framework.name, found.path.relative_to(tmp_path).as_posix()) == (framework, target)
    assert found.exists is found.path.exists()


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("python", "def test_a():\n    pass\n\nasync def test_b(): pass\n\ndef helper(): pass\n", 2),
        ("typescript", "describe('x', () => {\n  it('a', f)\n  test.each([1])('b', f)\n})\n", 2),
        ("go", "func TestA(t *testing.T) {}\nfunc help() {}\n", 1),
        ("rust", "#[test]\nfn a() {}\n#[tokio::test]\nasync fn b() {}\n", 2),
        ("java", "@Test void a() {}\n@ParameterizedTest void b() {}\n", 2),
    ],
)
def test_tests_are_counted_as_a_runner_would(tmp_path: Path, language: str, text: str, count: int) -> None:
    (tmp_path / "package.json").write_text('"vitest"')
    assert detect_framework(language, tmp_path).count_tests(text) == count
