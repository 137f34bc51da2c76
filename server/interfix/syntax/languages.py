"""The language registry: what each folder under grammars/ says about its language."""

import logging
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path, PurePath
from typing import Literal

import msgspec

from interfix.syntax.grammar import Grammar, load_grammar

_log = logging.getLogger(__name__)


class GrammarWheel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a grammar comes from."""

    module: str
    """The Python module, such as tree_sitter_python."""
    function: str = "language"
    """Its function that returns the grammar."""


class CallStyle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How functions of a language are declared and called."""

    parameter_name: Literal["first", "last", "colon", "label"]
    """Where a parameter has its name: first, last, before its colon, or, as in Swift, before its colon with a label in front."""
    argument_sign: str = ""
    """What stands between the name and the value of an argument that is given by name; empty: there are none such."""
    bare_members: bool = False
    """Whether a method may be called without its object from another one of its class."""
    constructor: str = ""
    """What a constructor is called where it is not called like its class."""
    class_parameters: bool = False
    """Whether a class has its constructor's parameters behind its name."""
    awaiting: str = ""
    """What waits for the result of an asynchronous call: behind it where it begins with a dot, else before it."""


class StandardImports(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of the standard library that people use often, and how a file imports them."""

    statement: str
    """The import of `{path}`, on a line of its own."""
    item: str = ""
    """A line for `{path}` in a group of imports in round brackets; empty where there are no such groups."""
    link: str = ""
    """What follows the name where it is used; empty: anything may."""
    paths: dict[str, str] = {}
    """By name, the path it is imported by."""


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language: its folder's language.toml."""

    name: str
    """As people write it."""
    ids: tuple[str, ...]
    """LSP language ids."""
    globs: tuple[str, ...]
    """Patterns of file names."""
    block: Literal["indent", "braces", "keyword"]
    """What holds a block together."""
    grammar: GrammarWheel
    """The wheel that carries the grammar."""
    line_comment: str = ""
    """What begins a comment that ends with its line; empty where there is none."""
    block_comment: tuple[str, str] | None = None
    """What begins and ends a comment of any length."""
    shebangs: tuple[str, ...] = ()
    """Interpreters that a first line `#!…` may name, without version."""
    headers: dict[str, str] = {}
    """By kind of scope, a pattern whose first group is the name: finds scopes by their first line where there is no sound tree."""
    unless: str = ""
    """A pattern of what only another language has that shares its file names and has no grammar: such a text is in no known one."""
    own_text: str = ""
    """A pattern of what it has and a language that shares its file names has not: a file of such a name and text is in it, whatever
    an editor says. Headers of C++ are said to be C."""
    opens: str = ""
    """A pattern for the line that a block follows, for where there is no sound tree."""
    foreign: dict[str, str] = {}
    """Patterns of what its grammar does not know and people write all the same, such as a template's tags, each with what may stand
    there for a parse (`re.sub`)."""
    magics: dict[str, str] = {}
    """IPython's cell magics by name, each with the folder of the language that the rest of such a cell is in, `*`: the one of the
    file that it is written to. Empty where IPython is not at home."""
    partial: bool = False
    """Whether its grammar knows a part only of what people write, since each database has a dialect of its own."""
    tags: dict[str, str] = {}
    """What begins and ends a template's tag in it; what stands between is no code of this language."""
    text_ends: tuple[str, ...] = ()
    """What ends a string of several lines, quotes of a single line and here-documents aside."""
    documentation: str = ""
    """How definitions are documented, as one tells somebody who is to do it; empty: with comments like any other."""
    receivers: tuple[str, ...] = ()
    """What methods call their own object, where what a class declares and they name of it is all that it has; empty: not known."""
    name_sources: tuple[str, ...] = ()
    """Sources of names, as in `interfix.context.names`, by which suggestions are guided: those which refused what people wrote at
    fewer than 1 in 100 places (`python -m tests.bench names`)."""
    name_positions: tuple[str, ...] = ("member",)
    """Where names are guided, as in `interfix.context.names.name_position`."""
    refused_positions: tuple[str, ...] = ("member",)
    """Those of them at which a name is refused that no source knows there and that nothing in the workspace has; at the others it
    costs. People wrote such a name at fewer than 1 in 100 places (`python -m tests.bench names --kind`)."""
    defines_by_assignment: bool = False
    """An assignment to a member of such an object may define it."""
    standard_imports: StandardImports | None = None
    """How names of the standard library are imported; None where an import cannot be told from the name."""
    links: tuple[str, ...] = (".",)
    """What stands between an object and its member."""
    free_starts: str = ""
    """Characters that may stand behind a link in a name's place, such as the bracket of Go's `x.(T)` and the `#` of JavaScript's
    `x.#y`."""
    calls: CallStyle | None = None
    """How functions are declared and called; None: what follows from a changed signature is not known."""
    queries: tuple[str, ...] = ()
    """Folders whose .scm files are used where its own, or one before, has none of that name."""
    folder: Path = Path()
    """Its folder under grammars/."""

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.name

    def load_grammar(self) -> Grammar | None:
        """Its grammar, loaded at the first call; None, and logged once, where the wheel is missing."""
        folders = (self.folder, *(self.folder.parent / name for name in self.queries))
        return load_grammar(folders, self.grammar.module, self.grammar.function)


class LanguageRegistry:
    """All languages that have a folder."""

    def __init__(self, all_languages: Iterable[Language]) -> None:
        self._all = tuple(all_languages)
        self._folders = {language.id: language for language in self._all}
        self._ids = {name: language for language in self._all for name in language.ids}
        self._names = {glob: language for language in self._all for glob in language.globs}

    def __iter__(self) -> Iterator[Language]:
        return iter(self._all)

    def find_by_folder(self, folder: str) -> Language | None:
        """By the name of its folder."""
        return self._folders.get(folder)

    def find_by_id(self, language_id: str) -> Language | None:
        """By LSP language id."""
        return self._ids.get(language_id)

    def find_by_path(self, path: str) -> Language | None:
        """By file name."""
        name = PurePath(path).name
        candidate = self._names.get(name) or self._names.get("*" + PurePath(name).suffix)
        return candidate or next((language for glob, language in self._names.items() if fnmatchcase(name, glob)), None)

    def find_by_shebang(self, line: str) -> Language | None:
        """By the interpreter that a file's first line names."""
        match = re.match(r"#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+)*)?(?:\S*/)?([A-Za-z]+)", line)
        return next((language for language in self._all if match and match[1] in language.shebangs), None)


@cache
def load_languages() -> LanguageRegistry:
    """The registry, read once. A folder that cannot be read is logged and left out."""
    languages = []
    for file in sorted(find_grammar_folder().glob("*/language.toml")):
        try:
            language = msgspec.toml.decode(file.read_bytes(), type=Language)
        except (OSError, msgspec.DecodeError) as error:
            _log.warning("language left out: %s: %s", file, error)
        else:
            languages.append(msgspec.structs.replace(language, folder=file.parent))
    return LanguageRegistry(languages)


def find_grammar_folder() -> Path:
    """Where the languages are: inside the installed package, or at the top of a checkout."""
    here = Path(__file__).resolve()
    packaged = here.parents[1] / "grammars"
    return packaged if packaged.is_dir() else here.parents[3] / "grammars"
