"""What Python's own types and standard modules have, read from the interpreter that runs Interfix.

The user's interpreter may be another, so a name that is not among them is never refused.
"""

import builtins
import importlib
import importlib.util
import inspect
import re
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

_MODULES = """
abc argparse array ast asyncio asyncio.subprocess base64 binascii bisect calendar cmath codecs collections collections.abc
colorsys configparser contextlib contextvars copy csv dataclasses datetime decimal difflib dis email email.message email.utils
enum errno fnmatch fractions functools gc getpass glob gzip hashlib heapq hmac html http http.client http.cookies http.server
importlib importlib.abc importlib.metadata importlib.resources importlib.util inspect io ipaddress itertools json keyword
linecache locale logging logging.config logging.handlers math mimetypes multiprocessing numbers operator os os.path pathlib
pickle pkgutil platform pprint queue random re sched secrets select selectors shelve shlex shutil signal socket socketserver
stat statistics string struct subprocess sys sysconfig tarfile tempfile textwrap threading time timeit token tokenize
traceback tracemalloc types typing unicodedata unittest unittest.mock urllib urllib.error urllib.parse urllib.request uuid
warnings weakref xml xml.etree xml.etree.ElementTree zipfile zipimport zlib
"""
MODULES = frozenset(_MODULES.split())
"""Modules that do nothing when they are imported but define what they have."""
BUILTIN_TYPES = frozenset(
    {"str", "bytes", "bytearray", "int", "float", "complex", "bool", "list", "dict", "set", "frozenset", "tuple"}
)

_PLAIN_IMPORT = re.compile(r"^[ \t]*import[ \t]+([\w., \t]+)$", re.MULTILINE)
_NAMES_IMPORT = re.compile(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]*(?:\(([^)]*)\)|([^\n(#]+))", re.MULTILINE)
_OPEN_TYPES = (
    ("argparse", "Namespace"),
    ("types", "SimpleNamespace"),
    ("threading", "local"),
    ("unittest.mock", "NonCallableMock"),
)
_FOLDERS = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))
_OWN = re.compile(r"\bself\.(\w+)")
_COMMENT = re.compile(r"#[^\n]*")


def find_imported_modules(text: str) -> dict[str, str]:
    """The standard modules that a file brings in, by the name that they have in it; of `import http.client` it is `http`."""
    modules: dict[str, str] = {}
    for listed in _PLAIN_IMPORT.findall(text):
        for module, alias in _split_names(listed):
            name = alias or module.split(".")[0]
            modules[name] = module if alias else name
    for module, *lists in _NAMES_IMPORT.findall(text):
        for name, alias in _split_names("".join(lists)):
            if f"{module}.{name}" in MODULES:
                modules[alias or name] = f"{module}.{name}"
    return {name: module for name, module in modules.items() if module in MODULES}


def find_imported_types(text: str) -> dict[str, tuple[str, str]]:
    """The standard modules' types that a file brings in, by the name that they have in it: the module, and the name there."""
    return {
        alias or name: (module, name)
        for module, *lists in _NAMES_IMPORT.findall(text)
        if module in MODULES
        for name, alias in _split_names("".join(lists))
        if name[:1].isupper() or name in ("date", "datetime", "deque", "time", "timedelta", "defaultdict", "local")
    }


@cache
def list_module_members(module: str) -> frozenset[str]:
    """The names that a standard module has, its submodules among them; none where it is not here."""
    loaded_module = _load(module)
    inner = {each.rpartition(".")[2] for each in MODULES if each.rpartition(".")[0] == module}
    return frozenset((*dir(loaded_module), *inner)) if loaded_module is not None else frozenset()


@cache
def list_type_members(module: str, name: str) -> frozenset[str]:
    """The members of a standard module's type, what its methods give its objects among them; none where it has others."""
    loaded_type = getattr(_load(module), name, None)
    if not isinstance(loaded_type, type) or hasattr(loaded_type, "__getattr__") or issubclass(loaded_type, _list_open_types()):
        return frozenset()
    names = set(dir(loaded_type))
    for base in loaded_type.__mro__[:-1]:
        try:
            names |= set(_OWN.findall(inspect.getsource(base)))
        except (OSError, TypeError):
            continue  # it is written in C, and dir has all
    return frozenset(names)


def list_builtin_members(name: str) -> frozenset[str]:
    """The members of one of `BUILTIN_TYPES`."""
    return frozenset(dir(getattr(builtins, name)))


@cache
def _load(module: str) -> ModuleType | None:
    """A module of the standard library; None where it is not here, or a file of the same name would be run in its place."""
    parent = module.rpartition(".")[0]
    try:
        spec = importlib.util.find_spec(module) if not parent or _load(parent) is not None else None
    except (ImportError, ValueError):
        return None
    origin = (spec.origin or "") if spec is not None else ""
    is_file = any(Path(origin).is_relative_to(folder) for folder in _FOLDERS) and "site-packages" not in Path(origin).parts
    if origin not in ("built-in", "frozen") and not is_file:
        return None
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


@cache
def _list_open_types() -> tuple[type, ...]:
    """Types whose objects are given any attribute."""
    attributes = (getattr(_load(module), name, None) for module, name in _OPEN_TYPES)
    return tuple(each for each in attributes if isinstance(each, type))


def _split_names(listed: str) -> Iterator[tuple[str, str]]:
    """The names of an import's list, each with its alias, or none."""
    for each in _COMMENT.sub("", listed).split(","):
        words = each.split()
        if words and (len(words) == 1 or (len(words) == 3 and words[1] == "as")):
            yield words[0], words[2] if len(words) == 3 else ""
