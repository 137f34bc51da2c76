"""Members of objects of TypeScript and JavaScript at a cursor `‸`: what types, literals and functions of the workspace say of them.

What is known refuses names that nothing has; where anything may be missing, every name may be written.
About `context/names/script_types.py`, `script_declared_types.py`, `script_facts.py` and `script_type_resolution.py`.
"""

import math
from collections.abc import Iterator

import pytest

from interfix.context.names.completion_item_names import OfferedName, OfferedNames
from interfix.context.names.script_declared_types import drop_inner_blocks, find_script_types
from interfix.context.names.script_types import parse_script_type, split_members
from tests.unit.context.name_tester import NameTester

MODELS = """
export interface Base<T> { id: string; opts: { deep: Deep; n?: number }; run(a: T): Promise<Deep> }
export type Deep = { level: number; tags: string[] } & Readonly<Extra>;
type Extra = { more: 'a' | 'b' };
export type Either = Deep | { other: Base<string> } | null;
export type Open = Deep & Record<string, unknown>;
export type Mapped = { [K in keyof Deep]: string };
export type Indexed = { level: number; [name: string]: number };
export type Chosen = Pick<Base<string>, 'id' | 'opts'>;
export type Less = Omit<Deep, 'level'>;
export type Own<T> = T & { mine: number };
export type Maybe<T> = T extends string ? Deep : Extra;
export interface More extends Base<number>, Omit<Deep, 'tags'> { last: Date }
export interface Foreign extends Library { last: Date }
export class Parent { gcTime = 1; protected items = new Map<string, Deep>(); }
export class Query<T = unknown, E extends Error = Error> extends Parent implements Base<T> {
  #cache: Deep;
  state: Deep
  constructor(private readonly config: Base<T>, x: number) { super(); }
  get first(): Deep { return this.state; }
  static of(name: string): Query { return new Query(null as any, 1); }
  fetch(params: { [key: string]: string }): Array<Deep> {
    return [];
  }
}
export const manager = new Query(1);
export const table = { red: 1, run(a: number) { return 1; }, nested: { x: 1 } } as const;
export const spread = { ...table, blue: 2 };
export const PATTERN = /a[/]b/g;
export function make(): Query { return manager; }
/** Makes things. */
export function create(kind: string) {
  const inner = () => { return 1; };
  return { start: inner, stop() { return 2; }, deep: new Query(1) };
}
export async function load(): Promise<Deep> { return {} as Deep; }
"""
SHAPES = "export const first = 1;\nexport * from './more_shapes';\nexport type Shape = { round: boolean };\n"
IMPORTS = (
    "import { Base, Deep, Either, Open, Mapped, Indexed, Chosen, Less, Own, Maybe, More, Foreign, Query, manager, table, spread, "
    "PATTERN, make, create, load } from './models'\nimport * as shapes from './shapes'\n"
    "import { Deep as Renamed, Outside } from 'library'\n"
)


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NameTester]:
    root = tmp_path_factory.mktemp("scripts") / "work"
    root.mkdir()
    tester = NameTester(root)
    tester.write({"src/models.ts": MODELS, "src/shapes.ts": SHAPES, "src/more_shapes.ts": "export function second() {}\n"})
    tester.write(
        {"src/index.ts": "export * from './models';\n", "src/doc.js": "/** @returns {Query} */\nexport function get() {}\n"}
    )
    yield tester
    tester.close()


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("function f(a: Base<X>) { return a.‸ }", ["id", "opts", "run"]),
        ("function f(a: Base<X>) { return a.opts.‸ }", ["deep", "n"]),
        ("function f(a?: Base<X> | null) { return a?.opts.deep.‸ }", ["level", "tags", "more"]),
        ("function f(a: Partial<Base<X>>) { return a.‸ }", ["id", "opts", "run"]),
        ("function f(a: Either) { return a.‸ }", ["level", "other"]),
        ("function f(a: Chosen) { return a.‸ }", ["id", "opts"]),
        ("function f(a: Chosen) { return a.opts.‸ }", ["deep", "n"]),
        ("function f(a: Less) { return a.‸ }", ["tags", "more"]),
        ("function f(a: More) { return a.‸ }", ["last", "id", "level"]),
        ("function f({ opts }: Base<X>) { return opts.‸ }", ["deep", "n"]),
        ("function f({ opts: renamed }: Base<X>) { return renamed.‸ }", ["deep", "n"]),
        ("function f(a: Base<X>) { const { deep } = a.opts; return deep.‸ }", ["level", "more"]),
        ("function f(a: Base<X>) { const b = a.opts; return b.‸ }", ["deep", "n"]),
        ("function f(a: { one: Deep; two: number }) { return a.‸ }", ["one", "two"]),
        ("function f(a: { one: Deep; two: number }) { return a.one.‸ }", ["level", "tags"]),
        ("function f<T extends Base<X>>(a: T) { return a.‸ }", ["id", "opts"]),
        ("const f = (a: Base<X>): void => { return a.‸ }", ["id", "opts"]),
        ("function f(q: Query) { return q.‸ }", ["state", "config", "first", "fetch", "gcTime"]),
        ("function f(q: Query) { return q.config.‸ }", ["id", "opts"]),
        ("function f(q: Query) { return { ...q.‸ } }", ["state", "config"]),
        ("function f() { return Query.‸ }", ["of"]),
        ("function f() { const q = new Query(1); return q.‸ }", ["state", "fetch"]),
        ("function f() { const q = make(); return q.‸ }", ["state", "fetch"]),
        ("function f() { const q = new Query<string, Error>(\n  1,\n)\n  return q.‸ }", ["state", "fetch"]),
        ("function f() { const made = create('x'); return made.‸ }", ["start", "stop", "deep"]),
        ("async function f() { const d = await load(); return d.‸ }", ["level", "tags"]),
        ("async function f(a: Base<X>) { const d = await a.run(1); return d.‸ }", ["level", "tags"]),
        ("function f() { return manager.‸ }", ["state", "fetch"]),
        ("function f() { return table.‸ }", ["red", "run", "nested"]),
        ("const x = table.‸", ["red", "run", "nested"]),
        ("it('works', () => {\n  const q = make();\n  expect(q.‸\n});", ["state", "fetch"]),
        ("function f(q: any) { if (q) { const q = 1; } }\nfunction g(q: Query) { return q.‸ }", ["state", "fetch"]),
        ("class A extends Query { go() { return super.‸ } }", ["state", "gcTime"]),
        ("class A extends Query { go() { return this.‸ } }", ["state", "gcTime", "go"]),
        ("class A { constructor(private q: Query) {} go() { return this.q.‸ } }", ["state", "fetch"]),
        ("const local = { left: 1, right: new Query(1) };\nfunction f() { return local.‸ }", ["left", "right"]),
        ("const local = { left: 1, right: new Query(1) };\nfunction f() { return local.right.‸ }", ["state", "fetch"]),
    ],
)
def test_what_a_type_declares_and_nothing_else(names: NameTester, code: str, written: list[str]) -> None:
    for name in written:
        assert names.cost("src/a.ts", IMPORTS + code, f"{name};") == 0.0, name
    assert names.cost("src/a.ts", IMPORTS + code, "neverHeardOf;") == math.inf


@pytest.mark.parametrize(
    ("code", "allowed", "refused"),
    [
        ("function f(q: Query) { return q.‸ }", ["toString", "constructor"], ["call", "then", "prototype"]),
        ("function f(d: Deep) { return d.‸ }", ["hasOwnProperty"], ["bind", "catch", "length"]),
        ("function f() { return Query.‸ }", ["call", "name", "prototype", "of"], ["then", "finally"]),
        ("function f(a: { n: number; (b: string): void }) { return a.‸ }", ["n", "apply", "name"], ["then"]),
        ("class A extends Query { go() { return this.‸ } }", ["go", "valueOf"], ["apply", "catch"]),
    ],
)
def test_functions_and_promises_have_what_other_objects_have_not(
    names: NameTester, code: str, allowed: list[str], refused: list[str]
) -> None:
    costs = {name: names.cost("src/a.ts", IMPORTS + code, f"{name};") for name in (*allowed, *refused)}
    assert all(costs[name] == 0.0 for name in allowed)
    assert all(costs[name] > 0.0 for name in refused)


def test_promises_own_methods_are_none_of_their_class(names: NameTester) -> None:
    offered = OfferedNames(tuple(OfferedName(name, kind=2) for name in ("all", "any", "race", "reject", "resolve")))
    text = "function f() { return Promise.‸ }"
    assert names.cost("src/a.ts", text, "reject(1);", offered) == names.cost("src/a.ts", text, "call(1);") == 0.0
    assert names.cost("src/a.ts", text, "catch(1);", offered) > 0.0
    assert names.cost("src/a.ts", text, "then(1);") > 0.0
    assert names.cost("src/a.ts", "async function f() { const p = Promise.all([]); return p.‸ }", "then(1);") == 0.0


@pytest.mark.parametrize(
    "code",
    [
        "function f(a: Open) { return a.‸ }",
        "function f(a: Mapped) { return a.‸ }",
        "function f(a: Indexed) { return a.‸ }",
        "function f(a: Own<X>) { return a.‸ }",
        "function f(a: Maybe<X>) { return a.‸ }",
        "function f(a: Foreign) { return a.‸ }",
        "function f(a: Renamed) { return a.‸ }",
        "function f(a: Outside) { return a.‸ }",
        "function f(a: any) { return a.‸ }",
        "function f(a: Deep | any) { return a.‸ }",
        "function f(a: keyof Deep | Outside) { return a.‸ }",
        "function f() { return spread.‸ }",
        "function f(a: Query) { if (a instanceof Special) { return a.‸ } }",
        "function f(a: Query) { return isSpecial(a) && a.‸ }",
        "function f(a: Query) { return list.map((a) => a.‸",
        "function f(a: Query) { return list.map(a => a.‸",
        "function f(a: Query) { for (const a of list) { return a.‸ } }",
        "function f() { let q = new Query(1); q = other(); return q.‸ }",
        "function f() { const q = make().fetch; return q.‸ }",
        "function f(a: Base<X>) { const { opts: { deep } } = a; return deep.‸ }",
        "function f(a: Base<X>) { const { ...rest } = a; return rest.‸ }",
        "function f<T>(a: T) { return a.‸ }",
        "function f(a: Query, b: number) { const c = a > b; return c.‸ }",
        "function f(a: Query, b: number) { const c = a\n    || b; return c.‸ }",
        "function f() { const q = new Query(1)\n    .inner; return q.‸ }",
        "function f(a: Query) { const q = a ? 1 : 2; return q.‸ }",
    ],
)
def test_every_name_may_be_written_where_members_may_be_missing(names: NameTester, code: str) -> None:
    assert names.cost("src/a.ts", IMPORTS + code, "neverHeardOf;") == 0.0


LOUD = "import { Emitter } from 'library'\nexport class Loud extends Emitter<string> { own = 1; shout() { CODE } }\n"


@pytest.mark.parametrize(("code", "cost"), [("super.‸", 0.0), ("const q = manager; return q.‸", math.inf)])
def test_a_base_that_nobody_knows_keeps_nothing_from_being_known(names: NameTester, code: str, cost: float) -> None:
    names.write({"src/loud.ts": LOUD.replace("CODE", "")})
    assert names.cost("src/loud.ts", IMPORTS + LOUD.replace("CODE", code), "neverHeardOf;") == cost


@pytest.mark.parametrize(
    ("code", "own", "other"),
    [
        ("function f(s: string) { return s.‸ }", "trim()", "strip()"),
        ("function f(s: string) { return s.trim().split(',').‸ }", "length", "size"),
        ("function f(s: Deep) { return s.tags.‸ }", "length", "size"),
        ("function f(s: Array<Deep>) { return s.‸ }", "map()", "length2"),
        ("function f(s: 'a' | 'b') { return s.‸ }", "trim()", "strip()"),
        ("function f() { const s = `x`; return s.‸ }", "trim()", "strip()"),
        ("function f() { return PATTERN.‸ }", "test('')", "matches('')"),
        ("function f() { return Object.‸ }", "entries(x)", "items(x)"),
        ("function f() { return Object.keys(x).‸ }", "length", "size"),
        ("function f() { return console.‸ }", "error(x)", "print(x)"),
        ("class A extends Query { go() { return this.items.‸ } }", "get('')", "find('')"),
        ("function f() { return shapes.‸ }", "first", "third"),
        ("function f() { return shapes.‸ }", "second()", "third"),
        ("function f(a: shapes.‸", "Shape", "Circle"),
    ],
)
def test_what_the_language_and_whole_modules_have_is_cheaper_and_refuses_nothing(
    names: NameTester, code: str, own: str, other: str
) -> None:
    assert names.cost("src/a.ts", IMPORTS + code, f"{own};") == 0.0
    assert 0.0 < names.cost("src/a.ts", IMPORTS + code, f"{other};") < math.inf


def test_a_name_of_the_languages_own_that_a_file_gives_something_else(names: NameTester) -> None:
    assert names.cost("src/a.ts", "import { Map } from 'library'\nfunction f(m: Map) { return m.‸ }", "neverHeardOf;") == 0.0
    assert names.cost("src/a.ts", "class Map { one = 1 }\nfunction f(m: Map) { return m.‸ }", "neverHeardOf;") == math.inf


def test_a_package_is_no_file_of_the_same_name(names: NameTester) -> None:
    code = "import { Deep } from 'models'\nimport * as shapes from 'shapes'\nfunction f(d: Deep) { return d.‸ }"
    assert names.cost("src/a.ts", code, "neverHeardOf;") == 0.0
    assert names.cost("src/a.ts", code.replace("d.‸", "shapes.‸"), "neverHeardOf;") == 0.0


def test_what_a_module_hands_on(names: NameTester) -> None:
    code = "import { Query } from './index'\nfunction f(q: Query) { return q.‸ }"
    assert names.cost("src/a.ts", code, "state;") == 0.0
    assert names.cost("src/a.ts", code, "neverHeardOf;") == math.inf


def test_types_that_comments_tell_in_javascript(names: NameTester) -> None:
    code = "import { Query } from './models'\n/**\n * @param {Query} q\n */\nfunction f(q) {\n  return q.‸\n}"
    assert names.cost("src/a.js", code, "state;") == 0.0
    assert names.cost("src/a.js", code, "neverHeardOf;") == math.inf


def test_a_copy_of_the_code_elsewhere_changes_nothing(names: NameTester) -> None:
    names.write({f"build/{number}/models.ts": MODELS for number in range(12)})
    assert names.cost("src/a.ts", IMPORTS + "function f(q: Query) { return q.‸ }", "neverHeardOf;") == math.inf


@pytest.mark.parametrize(
    ("text", "members", "bases"),
    [
        ("{ a: string; b?: number }", ["a", "b"], ()),
        ("{ a: string\n  b: 'x'\n    | 'y'\n  c(): void }", ["a", "b", "c()"], ()),
        ("{ 'quoted': string, readonly r: A; get g(): B; [Symbol.iterator](): C }", ["quoted", "r", "g()"], ()),
        ("{ a: B; (one: C): D }", ["a", "apply", "bind", "call", "length", "name", "prototype"], ()),
        ("A & B | undefined", [], ("A", "B")),
        ("\n  | A\n  | B", [], ("A", "B")),
        ("readonly A[]", [], ("Array",)),
        ("[A, B]", [], ("Array",)),
        ("Required<Readonly<A<B, C>>>", [], ("A",)),
        ("A['b']", [], ("A['b']",)),
        ("/* of */ A // that", [], ("A",)),
    ],
)
def test_the_text_of_a_type(text: str, members: list[str], bases: tuple[str, ...]) -> None:
    facts = parse_script_type(text)
    assert (list(facts.members), facts.bases, facts.is_dynamic) == (members, bases, False)


@pytest.mark.parametrize(
    "text", ["", "(a: A) => B", "A extends B ? C : D", "{ [K in A]: B }", "Record<string, A>", "null", "keyof A", "((" * 40]
)
def test_a_type_of_unknown_members(text: str) -> None:
    assert parse_script_type(text).is_dynamic or parse_script_type(text).bases == (text,)


def test_members_end_where_lines_end_unless_a_type_goes_on() -> None:
    assert list(split_members("a: A\n  b: B |\n C\n d: D\n & E; f: { g: G\n h: H }\n")) == [
        "a: A",
        "b: B |\n C",
        "d: D\n & E",
        "f: { g: G\n h: H }",
    ]


def test_blocks_that_are_closed_are_dropped_and_literals_stay() -> None:
    text = "function f(a) { if (a) { const b = 1; } const c = { d: 1 }; while (c) { const e = "
    assert drop_inner_blocks(text) == "function f(a) { if (a) {} const c = { d: 1 }; while (c) { const e = "


def test_declarations_of_a_function() -> None:
    text = "function f<T extends A>(a: T, b = new B(), { c, d: e = 1 }: C, ...rest: R[]) { let x = 'x'; const y = this.z.w(); "
    text += "var v: V = g() "
    assert find_script_types(text, text.index("{ let"), "Own") == {
        "a": "A",
        "b": "B",
        "c": "C['c']",
        "e": "C['d']",
        "rest": "R[]",
        "x": "string",
        "y": "Own['z']['w()']",
        "v": "V",
    }
