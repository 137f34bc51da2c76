"""New tests join those that are there: as members of the class or module that holds them, with what they import above."""

from pathlib import Path

import msgspec
import pytest

from interfix.commands.command_request import CommandRequest
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.instruct_client import UnusableAnswer
from interfix.commands.write_tests import write_tests
from interfix.config.settings import ContextSettings
from interfix.context.exclusion import Exclusion
from interfix.syntax.document import open_file
from tests.fake_engine import FakeEngine, make_instruct_client


class ProjectSample(msgspec.Struct):
    """A source and its tests as they are, and an answer."""

    source: str
    code: str
    tests_path: str
    tests_text: str
    expected_lines: dict[str, str] = {}


JAVA = ProjectSample(
    "src/main/java/p/One.java",
    "package p;\n\nclass One {\n    int one() {\n        return 1;\n    }\n}\n",
    "src/test/java/p/OneTest.java",
    """package p;

import org.junit.jupiter.api.Test;

class OneTest {
    private final One one = new One();

    @Test
    void isThere() {
        assert one != null;
    }
}
""",
    {"pom.xml": "junit"},
)
CSHARP = ProjectSample(
    "One.cs",
    "namespace P\n{\n    class One\n    {\n        public int one() => 1;\n    }\n}\n",
    "tests/OneTests.cs",
    """using Xunit;

namespace P
{
    public class OneTests
    {
        [Fact]
        public void IsThere()
        {
            Assert.NotNull(new One());
        }

    }
}
""",
)
PHP = ProjectSample(
    "src/One.php",
    "<?php\n\nfunction one(): int\n{\n    return 1;\n}\n",
    "tests/OneTest.php",
    """<?php

namespace Tests;

use PHPUnit\\Framework\\TestCase;

final class OneTest extends TestCase
{
    public function testIsThere(): void
    {
        $this->assertTrue(function_exists('one'));
    }
}
""",
)
KOTLIN = ProjectSample(
    "One.kt",
    "fun one(): Int {\n    return 1\n}\n",
    "src/test/OneTest.kt",
    "class OneTest {\n    @Test\n    fun isThere() {\n        check(true)\n    }\n}\n",
)
RUST = ProjectSample(
    "src/one.rs",
    "",
    "src/one.rs",
    """fn one() -> i32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_there() {
        one();
    }
}
""",
    {"Cargo.toml": ""},
)
UNITTEST = ProjectSample(
    "one.py",
    "def one():\n    return 1\n",
    "tests/test_one.py",
    """import unittest


class OneTest(unittest.TestCase):
    def test_is_there(self):
        assert one


if __name__ == "__main__":
    unittest.main()
""",
    {"setup.py": "unittest"},
)
MINITEST = ProjectSample(
    "one.rb",
    "def one\n  1\nend\n",
    "test/test_one.rb",
    "require 'minitest/autorun'\n\nclass OneTest < Minitest::Test\n  def test_is_there\n    assert one\n  end\nend\n",
    {"Gemfile": "gem 'minitest'"},
)

JOINS = {
    "Java, a class of its own": (
        JAVA,
        """package p;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

public class OneTests {
  private final One one = new One();

  /** One is one. */
  @Test
  void isOne() {
    assertEquals(1, one.one());
  }
}""",
        """package p;

import org.junit.jupiter.api.Test;
import static org.junit.jupiter.api.Assertions.assertEquals;

class OneTest {
    private final One one = new One();

    @Test
    void isThere() {
        assert one != null;
    }

    /** One is one. */
    @Test
    void isOne() {
        assertEquals(1, one.one());
    }
}
""",
    ),
    "Java, other line endings and tabs": (
        msgspec.structs.replace(JAVA, tests_text=JAVA.tests_text.replace("    ", "\t").replace("\n", "\r\n")),
        "@Test\nvoid isOne() {\n    assert one.one() == 1;\n}",
        (JAVA.tests_text[:-2] + "\n    @Test\n    void isOne() {\n        assert one.one() == 1;\n    }\n}\n")
        .replace("    ", "\t")
        .replace("\n", "\r\n"),
    ),
    "Java, methods alone": (
        JAVA,
        "@Test\nvoid isOne() {\n    assert one.one() == 1;\n}\n\n@Test\nvoid isNotTwo() {\n    assert one.one() != 2;\n}",
        JAVA.tests_text[:-2]
        + "\n    @Test\n    void isOne() {\n        assert one.one() == 1;\n    }\n"
        + "\n    @Test\n    void isNotTwo() {\n        assert one.one() != 2;\n    }\n}\n",
    ),
    "Java, the whole class again": (
        JAVA,
        JAVA.tests_text[:-2] + "\n    @Test\n    void isOne() {\n        assert one.one() == 1;\n    }\n}\n",
        JAVA.tests_text[:-2] + "\n    @Test\n    void isOne() {\n        assert one.one() == 1;\n    }\n}\n",
    ),
    "C#, two levels deep": (
        CSHARP,
        "using Xunit;\n\npublic class OneTests\n{\n    [Fact]\n    public void IsOne()\n    {\n"
        "        Assert.Equal(1, new One().one());\n    }\n}",
        CSHARP.tests_text.replace(
            "        }\n\n    }\n",
            "        }\n\n        [Fact]\n        public void IsOne()\n        {\n"
            "            Assert.Equal(1, new One().one());\n        }\n    }\n",
        ),
    ),
    "PHP, a file": (
        PHP,
        "<?php\n\nuse PHPUnit\\Framework\\TestCase;\nuse Other\\Thing;\n\nclass OneTest extends TestCase\n{\n"
        "    public function testIsOne(): void\n    {\n        $this->assertSame(1, one());\n    }\n}",
        PHP.tests_text[:-2].replace("TestCase;\n", "TestCase;\nuse Other\\Thing;\n")
        + "\n    public function testIsOne(): void\n    {\n        $this->assertSame(1, one());\n    }\n}\n",
    ),
    "PHP, methods alone": (
        PHP,
        "public function testIsOne(): void\n{\n    $this->assertSame(1, one());\n}",
        PHP.tests_text[:-2] + "\n    public function testIsOne(): void\n    {\n        $this->assertSame(1, one());\n    }\n}\n",
    ),
    "Kotlin": (
        KOTLIN,
        "class OneTest {\n    @Test\n    fun isOne() {\n        check(one() == 1)\n    }\n}",
        KOTLIN.tests_text[:-2] + "\n    @Test\n    fun isOne() {\n        check(one() == 1)\n    }\n}\n",
    ),
    "Rust, the module": (
        RUST,
        "#[cfg(test)]\nmod tests {\n    use super::*;\n\n"
        "    // One.\n    #[test]\n    fn is_one() {\n        assert_eq!(one(), 1);\n    }\n}",
        RUST.tests_text[:-2] + "\n    // One.\n    #[test]\n    fn is_one() {\n        assert_eq!(one(), 1);\n    }\n}\n",
    ),
    "unittest, the same class": (
        UNITTEST,
        "import unittest\nfrom one import one\n\n\n"
        "class OneTest(unittest.TestCase):\n    def test_one(self):\n        self.assertEqual(one(), 1)",
        UNITTEST.tests_text.replace("import unittest\n", "import unittest\nfrom one import one\n").replace(
            "        assert one\n", "        assert one\n\n    def test_one(self):\n        self.assertEqual(one(), 1)\n"
        ),
    ),
    "unittest, another class": (
        UNITTEST,
        "class Another(unittest.TestCase):\n    def test_one(self):\n        self.assertEqual(one(), 1)",
        UNITTEST.tests_text
        + "\n\nclass Another(unittest.TestCase):\n    def test_one(self):\n        self.assertEqual(one(), 1)\n",
    ),
    "Minitest": (
        MINITEST,
        "class OneTest < Minitest::Test\n  def test_one\n    assert_equal 1, one\n  end\nend",
        MINITEST.tests_text[:-4] + "\n  def test_one\n    assert_equal 1, one\n  end\nend\n",
    ),
}


async def write_project(project: ProjectSample, root: Path, *answers: str) -> CheckedEdit:
    for name, text in {**project.expected_lines, project.source: project.code, project.tests_path: project.tests_text}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    snapshot = open_file(root / project.source).snapshot()
    at = snapshot.data.index(b"one")
    situation = CommandRequest(snapshot, at, at, root=root, exclusion=Exclusion(root, ContextSettings()))
    return await write_tests(make_instruct_client(FakeEngine(*(f"```\n{answer}\n```" for answer in answers))), situation)


@pytest.mark.parametrize(("project", "answer", "expected"), JOINS.values(), ids=JOINS)
async def test_tests_join_those_that_are_there(project: ProjectSample, answer: str, expected: str, tmp_path: Path) -> None:
    edit = await write_project(project, tmp_path, answer)
    assert edit.result.decode() == expected
    assert not edit.is_new_file


@pytest.mark.parametrize(
    ("project", "answer", "reason"),
    [
        (JAVA, "@Test\nvoid isThere() {\n    assert one.one() == 1;\n}", "OneTest would have isThere more than once"),
        (
            JAVA,
            "@Test\nvoid isOne() {\n    one.one();\n}\n}\nclass Two {\n    int two;",
            "does not stay inside of what it stands in",
        ),
        (
            JAVA,
            "class OneTest {\n    @Test\n    void isOne() {\n        one(2);\n    }\n}\nclass Two {}",
            "more than members of OneTest",
        ),
        (JAVA, JAVA.tests_text, "OneTest would have isThere more than once"),
        (PHP, "public function testIsOne(): void\n{\n    one(;\n}", "no longer valid PHP"),
        (
            UNITTEST,
            "def two():\n    return one() + 1\n\n\n"
            "class OneTest(unittest.TestCase):\n    def test_two(self):\n        assert two()",
            "repeats `class OneTest",
        ),
        (RUST, "#[test]\nfn is_there() { one(); }", "tests would have is_there more than once"),
    ],
)
async def test_what_does_not_stand_among_them_is_refused(project: ProjectSample, answer: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableAnswer, match=reason):
        await write_project(project, tmp_path, answer, answer)
    assert (tmp_path / project.tests_path).read_bytes() == project.tests_text.encode()


async def test_the_class_is_shown_and_named(tmp_path: Path) -> None:
    engine = FakeEngine("```\n@Test\nvoid isOne() {\n    assert one.one() == 1;\n}\n```")
    await write_project(JAVA, tmp_path, "@Test\nvoid isOne() {\n    assert one.one() == 1;\n}")
    snapshot = open_file(tmp_path / JAVA.source).snapshot()
    at = snapshot.data.index(b"one")
    edit = await write_tests(
        make_instruct_client(engine),
        CommandRequest(snapshot, at, at, root=tmp_path, exclusion=Exclusion(tmp_path, ContextSettings())),
    )
    asked = engine.requests[0].messages[1]
    assert "into src/test/java/p/OneTest.java, into its class `OneTest`, with JUnit 5" in asked.content
    assert asked.context[0].text.startswith("The tests that are there already:\n")
    assert "void isThere()" in asked.context[0].text
    assert edit.summary == "parses · in OneTest · 1 test · 1 hunk"


async def test_a_new_php_file_begins_as_one(tmp_path: Path) -> None:
    answer = "class OneTest extends TestCase\n{\n    public function testOne(): void\n    {\n        one();\n    }\n}"
    edit = await write_project(msgspec.structs.replace(PHP, tests_path="other.txt"), tmp_path, answer)
    assert (edit.is_new_file, edit.result.decode()) == (True, f"<?php\n{answer}\n")
