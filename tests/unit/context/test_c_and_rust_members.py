"""Members of the structs, classes and enums of C, C++ and Rust at a cursor `‸`: what a type declares, and what nobody knows.

Nothing is ever refused there, for macros, traits and other files add members: what a type does not declare costs.

About `context/names/index_names.py`.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.context.name_tester import NameTester

HEADER = """#pragma once
struct point { int x, y; char label[10]; };
typedef struct node_s node_t;
struct node_s {
  node_t *left, *right;
  struct point at;
  union { int number; float ratio; };
  int (*compare)(const node_t *, const node_t *);
  unsigned flags : 3;
};
typedef struct { node_t *root; int count; } tree_t;
struct loose {
  COMMON_FIELDS
  int own;
};
struct copied {
#include "fields.h"
  int own;
};
"""
CPP = """#pragma once
class Base : private Secret { public: void close(); int open_count; };
class Secret { public: int key; };
template <typename T> class Shop : public Base {
 public:
  Shop();
  int run(int times) const { return times; }
  Item* first(); static const int limit = 1;
  Base base_;
};
struct Item { Item* next; std::vector<int> parts; };
class Odd : public other::Thing<int> { int a; };
enum class Color { Red, Green };
"""
RUST = """pub struct Store<'a> { pub name: String, last: Box<Item>, near: &'a Item }
pub struct Item { pub price: u32 }
impl<'a> Store<'a> { pub fn new() -> Self { todo!() } pub fn first(&self) -> &Item { self.last } const MOST: u8 = 1; }
impl fmt::Display for Store<'_> { fn fmt(&self) {} }
impl Wave for Item {}
pub trait Wave { fn wave(&self) {} fn still(&self); }
pub enum Color { Red, Green(u8), Blue { depth: u8 } }
pub struct Other(Item);
impl std::ops::Deref for Other { fn deref(&self) -> &Item { &self.0 } }
"""


@pytest.fixture
def names(tmp_path: Path) -> Iterator[NameTester]:
    (tmp_path / "work").mkdir()
    tester = NameTester(tmp_path / "work")
    tester.write({"a/tree.h": HEADER, "a/shop.hpp": CPP, "a/store.rs": RUST})
    yield tester
    tester.close()


@pytest.mark.parametrize(
    ("path", "line", "written", "is_own"),
    [
        ("a/use.c", "void f(node_t *n) { n->‸ }", "left;", True),
        ("a/use.c", "void f(const node_t *n, int k) { n->‸ }", "compare(n, n);", True),
        ("a/use.c", "void f(struct node_s *n) { n->‸ }", "number;", True),
        ("a/use.c", "void f(struct node_s *n) { n->‸ }", "flags;", True),
        ("a/use.c", "void f(node_t *n) { n->‸ }", "parent;", False),
        ("a/use.c", "void f(node_t *n) { n->‸ }", "left->right;", True),
        ("a/use.c", "void f(node_t *n) { n->‸ }", "at.label;", True),
        ("a/use.c", "void f(node_t *n) { n->‸ }", "at.title;", False),
        ("a/use.c", "void f(void) {\n  tree_t tree;\n  tree.‸\n}", "root->left;", True),
        ("a/use.c", "void f(void) {\n  tree_t tree;\n  tree.‸\n}", "size;", False),
        ("a/use.c", "void f(void *n) { n->‸ }", "parent;", True),
        ("a/use.c", "void f(foreign_t *n) { n->‸ }", "parent;", True),
        ("a/use.c", "void f(struct loose *n) { n->‸ }", "parent;", True),
        ("a/use.c", "void f(struct copied *n) { n->‸ }", "parent;", True),
        ("a/use.c", "void f(node_t *n) { { tree_t *n = 0; n->‸ } }", "size;", True),
        ("a/use.cpp", "int f(Shop<int>& shop) { return shop.‸ }", "run(1);", True),
        ("a/use.cpp", "int f(Shop<int>& shop) { return shop.‸ }", "close();", True),
        ("a/use.cpp", "int f(Shop<int>& shop) { return shop.‸ }", "key;", True),
        ("a/use.cpp", "int f(Shop<int>& shop) { return shop.‸ }", "size();", False),
        ("a/use.cpp", "int f(Shop<int>& shop) { return shop.‸ }", "first()->next;", True),
        ("a/use.cpp", "int f(Shop<int>& shop) { return shop.‸ }", "first()->prev;", False),
        ("a/use.cpp", "int f(Item* item) { return item->‸ }", "next->next;", True),
        ("a/use.cpp", "int f(Item* item) { return item->‸ }", "parts.size();", True),
        ("a/use.cpp", "int f() {\n  auto item = new Item();\n  return item->‸\n}", "prev;", False),
        ("a/use.cpp", "int f(Odd& odd) { return odd.‸ }", "size();", True),
        ("a/use.cpp", "int f(std::vector<int>& odd) { return odd.‸ }", "size();", True),
        ("a/use.cpp", "int Shop<int>::count() { return this->‸ }", "base_.open_count;", True),
        ("a/use.cpp", "int Shop<int>::count() { return this->‸ }", "total;", False),
        ("a/use.cpp", "int Shop<int>::count() { return base_.‸ }", "open_count;", True),
        ("a/use.cpp", "int Shop<int>::count() { return base_.‸ }", "total;", False),
        ("a/use.cpp", "int Shop<int>::count(Foreign base_) { return base_.‸ }", "total;", True),
        ("a/use.cpp", "int f(Item* shop) { return shop::‸ }", "total;", True),
        ("a/use.cpp", "int f(Item* item) { return item‸ }", "...;", True),
        ("a/use.cpp", "auto c = Color::‸", "Green;", True),
        ("a/use.rs", "fn f(store: &Store<'_>) { store.‸ }", "name.len();", True),
        ("a/use.rs", "fn f(store: &mut Store) { store.‸ }", "first().price;", True),
        ("a/use.rs", "fn f(store: &mut Store) { store.‸ }", "first().cost;", False),
        ("a/use.rs", "fn f(store: &mut Store) { store.‸ }", "last.price;", True),
        ("a/use.rs", "fn f(store: &mut Store) { store.‸ }", "title;", False),
        ("a/use.rs", "fn f(store: Arc<Store>) { store.‸ }", "to_string();", True),
        ("a/use.rs", "fn f() {\n    let store = Store::new();\n    store.‸\n}", "title;", False),
        ("a/use.rs", "fn f() {\n    let store = Store::new()?;\n    store.‸\n}", "title;", True),
        ("a/use.rs", "fn f(store: Store) {\n    let store = store.inner();\n    store.‸\n}", "title;", True),
        ("a/use.rs", "fn f(item: &Item) { item.‸ }", "wave();", True),
        ("a/use.rs", "fn f(item: &dyn Wave) { item.‸ }", "still();", True),
        ("a/use.rs", "fn f(item: &Other) { item.‸ }", "cost;", True),
        ("a/use.rs", "fn f(item: Vec<Item>) { item.‸ }", "len();", True),
        ("a/use.rs", "fn f() { let c = Color::‸ }", "Blue;", True),
        ("a/use.rs", "fn f(item: &Item) { item‸ }", "..other;", True),
        ("a/use.rs", "fn f() { let c = Color::‸ }", "Black;", False),
        ("a/store.rs", RUST + "impl Item { fn g(&self) { self.‸ } }", "price;", True),
        ("a/store.rs", RUST + "impl Item { fn g(&self) { self.‸ } }", "cost;", False),
    ],
)
def test_what_a_type_declares_is_its_own(names: NameTester, path: str, line: str, written: str, is_own: bool) -> None:
    cost = names.cost(path, line, written)
    assert cost < math.inf
    assert (cost == 0.0) is is_own
