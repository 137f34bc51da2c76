"""Members of Go's objects at a cursor `‸`: what the files of their packages declare, and what nobody knows.

Nothing is ever refused by the index alone: what no type declares costs.

About `context/names/go_members.py` and `go_packages.py`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.context.name_tester import NameTester

STORE = """package store

import (
	"sync"

	"example.org/shop/item"
)

// Store keeps items.
type Store struct {
	sync.Mutex
	base
	Name, label string `json:"name"`
	items       []*item.Item
	byName      map[string]item.Item
	odd         struct{ inner int }
}

type (
	base struct{ depth int }
	Keeper interface {
		Keep(name string) (*item.Item, error)
		Last() item.Item
	}
	Named = Store
	Open  struct {
		unseen.Type
		Own int
	}
)

type Number interface{ ~int | ~string }

func New(name string) *Store { return &Store{Name: name} }

func Load[T any](name T) (*Store, error) {
	return New(""), nil
}
"""
METHODS = """package store

import "example.org/shop/item"

func (s *Store) First() *item.Item { return s.items[0] }

func (b base) level() int {
	text := `
func fake() {}
`
	return len(text)
}

var Default = New("x")
var typed Keeper
"""
ITEM = """package item

type Item struct {
	Price  int
	hidden int
	Next   *Item
}

func (i Item) Cost() int { return i.Price }

func Make() Item { return Item{} }

const Most = 3
"""
OTHER = """package other

import (
	"fmt"

	kept "example.org/shop/store"
	"example.org/shop/item"
	"github.com/else/where"
)

"""


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NameTester]:
    root: Path = tmp_path_factory.mktemp("go") / "work"
    root.mkdir()
    tester = NameTester(root)
    tester.write({"go.mod": "module example.org/shop\n\ngo 1.22\n", "store/store.go": STORE, "store/methods.go": METHODS})
    tester.write({"item/item.go": ITEM, "other/other.go": OTHER})
    yield tester
    tester.close()


@pytest.mark.parametrize(
    ("path", "code", "written"),
    [
        (
            "store/a.go",
            "func (s *Store) go1() { s.‸ }",
            ["Name", "label", "items", "First", "Lock", "depth", "level", "base", "Mutex"],
        ),
        ("store/a.go", "func f(s *Store) { s.items[0].‸ }", ["Price", "Next", "Cost"]),
        ("store/a.go", 'func f(s Store) { s.byName["a"].Next.‸ }', ["Price", "Cost"]),
        ("store/a.go", "func f(a int, s, t *Store) { t.‸ }", ["First"]),
        ("store/a.go", "func f(s ...*Store) {\n\tfor _, each := range s {\n\t\teach.‸\n\t}\n}", ["First"]),
        ("store/a.go", "func f() {\n\ts := &Store{Name: f(1)}\n\ts.‸\n}", ["First", "Unlock"]),
        ("store/a.go", 'func f() {\n\ts, err := Load("a")\n\tif err := g(); err != nil {\n\t}\n\ts.‸\n}', ["First"]),
        ("store/a.go", 'func f() {\n\tif s := New("a"); s != nil {\n\t\ts.‸\n\t}\n}', ["First"]),
        ("store/a.go", "func f(x any) {\n\ts, ok := x.(*Store)\n\ts.‸\n}", ["First"]),
        ("store/a.go", "func f(n Named) { n.‸ }", ["First", "Name"]),
        ("store/a.go", "func f(k Keeper) { k.‸ }", ["Keep", "Last"]),
        ("store/a.go", "func f() { typed.Last().‸ }", ["Price"]),
        ("store/a.go", "func f() {\n\tg(func(s *Store) {\n\t\ts.‸\n\t})\n}", ["First"]),
        ("store/a.go", "type late struct{ One int }\n\nfunc f(l late) { l.‸ }\n\nfunc (l late) Two() {}", ["One", "Two"]),
        ("other/a.go", "func f(s *kept.Store) { s.‸ }", ["Name", "First", "Lock"]),
        ("other/a.go", "func f() { kept.‸ }", ["New", "Load", "Store", "Default"]),
        ("other/a.go", 'func f() { kept.New("a").First().‸ }', ["Price", "Cost"]),
        ("other/a.go", "func f() { x := item.Make()\n\tx.‸ }", ["Price", "Cost"]),
        ("other/a_test.go", "func f() {\n\tvar x item.Item\n\tx.Next.‸\n}", ["Price", "Cost"]),
    ],
)
def test_what_packages_declare_costs_nothing_and_all_else_does(names: NameTester, path: str, code: str, written: list[str]) -> None:
    text = (OTHER if path.startswith("other") else "package store\n\n") + code
    for name in written:
        assert names.cost(path, text, f"{name}\n") == 0.0, name
    assert names.cost(path, text, "NeverHeardOf\n") > 0.0


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("store/a.go", "func f(o Open) { o.‸ }"),
        ("store/a.go", "func f[Store any](s Store) { s.‸ }"),
        ("store/a.go", "func f(n Number) { n.‸ }"),
        ("store/a.go", "func f(s *Store) {\n\tif s := g(); s != nil {\n\t\ts.‸\n\t}\n}"),
        ("store/a.go", "func f(x any) {\n\tswitch s := x.(type) {\n\tcase *Store:\n\t\ts.‸\n\t}\n}"),
        ("store/a.go", "func f(s *Store) { s.odd.‸ }"),
        ("store/a.go", "func f(s *Store) {}\n\nfunc g() { s.‸ }"),
        ("other/a.go", "func f(w where.Thing) { w.‸ }"),
        ("other/a.go", "func f() { fmt.‸ }"),
        ("other/a.go", "func f(kept any) { kept.‸ }"),
    ],
)
def test_where_anything_may_be_missing_every_name_may_be_written(names: NameTester, path: str, code: str) -> None:
    text = (OTHER if path.startswith("other") else "package store\n\n") + code
    assert names.cost(path, text, "NeverHeardOf\n") == 0.0


def test_what_begins_small_is_of_its_own_package_alone(names: NameTester) -> None:
    for code, name in (
        ("func f(s *kept.Store) { s.‸ }", "label"),
        ("func f() { kept.‸ }", "typed"),
        ("func f(i item.Item) { i.‸ }", "hidden"),
    ):
        assert names.cost("other/a.go", OTHER + code, f"{name}\n") > 0.0
