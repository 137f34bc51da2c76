"""The imports of an answer go to those of the file; a text with a mark around the selection in, the whole text out."""

import pytest

from interfix.commands.answer_placement import place_answer
from interfix.commands.selection import resolve_selection
from tests.unit.commands.marked_text import parse_marked

CASES = {
    "behind the last one": (
        "python", "import re\n\n\n«def f():\n    return 1»\n", "import os\n\ndef f():\n    return os.sep",
        "import re\nimport os\n\n\ndef f():\n    return os.sep\n",
    ),
    "one that is there already": (
        "python", "from os import sep, path\n\n\n«def f():\n    return 1»\n", "from os import sep\n\ndef f():\n    return sep",
        "from os import sep, path\n\n\ndef f():\n    return sep\n",
    ),
    "where there is none": (
        "python", '"""A module."""\n\n«def f():\n    return 1»\n', "import os\ndef f():\n    return os.sep",
        '"""A module."""\n\nimport os\n\ndef f():\n    return os.sep\n',
    ),
    "behind a shebang": (
        "python", "#!/usr/bin/env python\n«x = 1»\n", "import os\nx = os.sep",
        "#!/usr/bin/env python\nimport os\n\nx = os.sep\n",
    ),
    "of a method": (
        "python", "import re\n\nclass A:\n    «def f(self):\n        return 1»\n", "import os\n\ndef f(self):\n    return os.sep",
        "import re\nimport os\n\nclass A:\n    def f(self):\n        return os.sep\n",
    ),
    "the selection's own": (
        "python", "«import re\nx = 1»\n", "import os\nx = os.sep",
        "import os\nx = os.sep\n",
    ),
    "with a package clause": (
        "go", 'package a\n\nimport "fmt"\n\n«func F() { fmt.Println(1) }»\n',
        'package a\n\nimport "os"\n\nfunc F() { os.Exit(1) }',
        'package a\n\nimport "fmt"\nimport "os"\n\nfunc F() { os.Exit(1) }\n',
    ),
    "of a PHP file": (
        "php", "<?php\n\nuse A\\B;\n\n«function f() { return 1; }»\n", "<?php\n\nuse A\\C;\n\nfunction f() { return new C(); }",
        "<?php\n\nuse A\\B;\nuse A\\C;\n\nfunction f() { return new C(); }\n",
    ),
    "of PHP without its tag": (
        "php", "<?php\n\nuse A\\B;\n\n«function f() { return 1; }»\n", "use A\\C;\nfunction f() { return new C(); }",
        "<?php\n\nuse A\\B;\nuse A\\C;\n\nfunction f() { return new C(); }\n",
    ),
    "line endings": (
        "python", "import re\r\n\r\n«x = 1»\r\n", "import os\nx = os.sep",
        "import re\r\nimport os\r\n\r\nx = os.sep\r\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("language", "text", "answer", "expected"), CASES.values(), ids=CASES)
def test_imports_join_those_of_the_file(language: str, text: str, answer: str, expected: str) -> None:
    proposal = place_answer(f"```\n{answer}\n```", resolve_selection(*parse_marked(text, language)))
    assert proposal.after.snapshot.text == expected
    assert proposal.after.code.split("\n")[-1].strip() == answer.split("\n")[-1].strip()
