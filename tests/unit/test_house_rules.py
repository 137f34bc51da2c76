"""The rules of the house that no linter knows: one name for one thing, short files, few parameters.

About `server/interfix`.
"""

import ast
import keyword
import re
from collections import defaultdict
from collections.abc import Iterator

from tests.package_sources import list_nodes, parse_modules, read_modules

MAX_LINES = 300
MAX_PARAMETERS = 6
LONG_FILES = {
    "bench/infill.py": 330,
    "bench/kv_reuse_latency.py": 410,
    "engine/kv_slot.py": 340,
    "engine/llama_runtime.py": 330,
    "models/model_selection.py": 330,
    "syntax/incremental_trees.py": 340,
}
"""Files that are one thing and longer for it, and how long each may be. None is added without a reason."""
SHARED_NAMES = {
    "main": "the entry of a process of its own",
    "run": "the entry of a bench, or of a command from a file",
    "fetch": "what each source of model files offers",
    "find": "what each finder of next edits offers",
}
"""Public names that several modules have because they mean the same in each."""
DOORS = ("cli/", "lsp/")
"""Where a function has the name of the command or the LSP method that it answers."""
DefinitionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def list_public_names(tree: ast.Module) -> Iterator[str]:
    """Classes, functions and type aliases of a module that others may import."""
    for node in tree.body:
        names = [node.name] if isinstance(node, DefinitionNode) else []
        if isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name) and is_type_name(target.id)]
        yield from (name for name in names if not name.startswith("_"))


def is_type_name(name: str) -> bool:
    return len(name) > 1 and name[0].isupper() and not name.isupper()


def test_a_public_name_means_one_thing() -> None:
    homes = defaultdict(list)
    for path, tree in parse_modules().items():
        for name in list_public_names(tree):
            if name not in SHARED_NAMES and (is_type_name(name) or not path.startswith(DOORS)):
                homes[name].append(path)
    doubled = {name: paths for name, paths in homes.items() if len(paths) > 1}
    assert doubled == {}, "name them apart, or give them one home"


def test_a_module_holds_one_thing() -> None:
    long = {path: lines for path, text in read_modules().items() if (lines := text.count("\n")) > LONG_FILES.get(path, MAX_LINES)}
    assert long == {}
    assert [path for path in LONG_FILES if read_modules().get(path, "").count("\n") <= MAX_LINES] == [], "these are short by now"


def test_functions_have_few_parameters() -> None:
    """Those of `cli/` and the entries of benches have one for each option of the command line."""
    crowded = []
    for path, tree in parse_modules().items():
        for node in list_nodes(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not is_command_entry(path, node.name):
                names = [each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
                if len([name for name in names if name not in ("self", "cls")]) > MAX_PARAMETERS:
                    crowded.append(f"{path}:{node.lineno} {node.name}")
    assert crowded == [], "make one value of those that go together"


def is_command_entry(path: str, name: str) -> bool:
    return path.startswith("cli/") or (path.startswith("bench/") and name == "run")


WORDS_OF_OTHERS = {"n_indent", "t_max_predict_ms", "initialize", "exit", "debounce_ms", "abi_check", "ss", "interfix"}
WORDS_OF_OTHERS |= {"returns", "checking", "reparse", "ret", "retreturn", "case", "client", "slow", "aclose"}
"""What docstrings quote that is no name of their module: of protocols, settings and modules, and examples."""


def list_stale_names(tree: ast.Module) -> Iterator[str]:
    """The quoted names in docstrings of functions and classes that the module does not have: a parameter was renamed."""
    nodes = list_nodes(tree)
    documented = {node: text for node in nodes if isinstance(node, DefinitionNode) and (text := ast.get_docstring(node))}
    docstrings = {id(node.body[0].value) for node in documented if isinstance(node.body[0], ast.Expr)}
    known = {*WORDS_OF_OTHERS, *keyword.kwlist}
    for node in nodes:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                known.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name) | ast.alias(name=name):
                known.add(name)
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                known.update(re.findall(r"\w+", text))
    for node, text in documented.items():
        yield from (f"{node.name}: `{name}`" for name in re.findall(r"`([a-z_]{2,})`", text) if name not in known)


def list_quoted_constants(tree: ast.Module) -> Iterator[str]:
    """The names of constants that docstrings quote, those of modules and of attributes included."""
    for node in list_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield from re.findall(r"`(_?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|_?[A-Z]{5,})`", node.value.value)


def test_docstrings_name_constants_that_exist() -> None:
    """Somewhere in the package: a docstring may speak of another module's."""
    words = {word for tree in parse_modules().values() for word in list_code_words(tree)}
    quoted = {path: {name for name in list_quoted_constants(tree) if name not in words} for path, tree in parse_modules().items()}
    assert {path: names for path, names in quoted.items() if names} == {}, "say what it is called now"


def list_code_words(tree: ast.Module) -> Iterator[str]:
    """Names, and the words of strings that are no docstrings, such as those of variables of the environment."""
    docstrings = {id(node.value) for node in list_nodes(tree) if isinstance(node, ast.Expr)}
    for node in list_nodes(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                yield name
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield from re.findall(r"\w+", text)


def test_docstrings_name_what_is_there() -> None:
    stale = {path: names for path, tree in parse_modules().items() if (names := [*list_stale_names(tree)])}
    assert stale == {}, "say what it is called now"


def test_the_rules_see_what_they_forbid() -> None:
    assert [*list_stale_names(ast.parse('def f(new):\n    """The `new`, not the `old`."""\n'))] == ["f: `old`"]
    assert [*list_quoted_constants(ast.parse('A = 1\n"""As `MAX_OLD` and `_OLDER`, not `X`."""\n'))] == ["MAX_OLD", "_OLDER"]
    text = "class A: ...\ndef f(): ...\nBc = tuple[int, int]\n_C = int\nD = 3\nMAX_D = 3\nasync def g(): ...\ndef _h(): ...\n"
    assert [*list_public_names(ast.parse(text))] == ["A", "f", "Bc", "g"]
