"""What the objects near a cursor are, in the ways in which languages say so."""

import pytest

from interfix.context.type_inference import (
    ANCESTOR_WEIGHT,
    MAX_LINKS,
    RECEIVER_WEIGHT,
    find_declarations,
    find_receiver,
    infer_types,
)

KNOWN = {
    "Shop": ["class Shop(Place):\n    store: ItemStore | None = None\n\n    def owner(self) -> Person: ...\n"],
    "ItemStore": ["class ItemStore:\n    def find(self, name: str) -> Item: ...\n"],
    "open_shop": ["def open_shop(path: str) -> Shop: ...\n"],
    "Corner": ["class Corner(Shop):"],
    "newShop": ["func newShop(path string) (*Shop, error)\n"],
    "makeShop": ["function makeShop(path: string): Shop {"],
}


def find_types_near(text: str, own: tuple[str, ...] = ()) -> dict[str, float]:
    return infer_types(text, own, lambda name: KNOWN.get(name, []))


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("def f(shop: Shop, other: Other):", ["Shop"]),
        ("def f(shop: dict[str, Shop] | None = None, other: Other = 3):", ["dict", "str", "Shop"]),
        ("shop = Shop(1)", ["Shop"]),
        ("shop = await Shop.load(path)", ["Shop"]),
        ("const shop: Shop<Item> = make();", ["Shop", "Item"]),
        ("let shop = new Shop();", ["Shop"]),
        ("fn f(shop: &mut Shop) {", ["Shop"]),
        ("let shop = Shop::open(path)?;", ["Shop"]),
        ("shop := &stores.Shop{Name: name}", ["Shop"]),
        ("func f(ctx Context, shop *stores.Shop) {", ["Shop"]),
        ("void f(const Shop& shop, int n) {", ["Shop"]),
        ("int f(shop_t* shop) {", ["shop_t"]),
        ("public void f(Map<String, Item> all, Shop shop) {", ["Shop"]),
        ("shop = open_shop(path)", ["open_shop"]),
        ("shop = other.shop_of", ["other.shop_of"]),
        ("return shop", []),
        ("if shop == Shop(1):", []),
        ("shop = None", []),
        ("workshop = Shop(1)", []),
    ],
)
def test_declarations_are_read_in_many_languages(text: str, types: list[str]) -> None:
    assert find_declarations(text + "\n", "shop") == types


def test_the_latest_declaration_comes_first() -> None:
    assert find_declarations("shop = First()\nshop = Second()\n", "shop") == ["Second", "First"]


@pytest.mark.parametrize(
    ("line", "written"), [("x = self.shop.", "self.shop."), ("shop->na", "shop->"), ("a.b(c)", ""), ("name", ""), ("", "")]
)
def test_the_object_at_the_cursor_is_told_as_it_is_written(line: str, written: str) -> None:
    assert find_receiver("first.line(\n" + line) == written


def test_the_object_at_the_cursor_counts_more_than_any_name() -> None:
    found = find_types_near("def f(shop: Shop, other: Other):\n    other.close()\n    return shop.")
    assert found["Shop"] == RECEIVER_WEIGHT
    assert 0 < found["Other"] < 1


def test_what_a_type_inherits_from_counts_a_little_less() -> None:
    found = find_types_near("shop = Corner()\nshop.")
    assert found == {"Corner": RECEIVER_WEIGHT, "Shop": ANCESTOR_WEIGHT, "Place": ANCESTOR_WEIGHT}


@pytest.mark.parametrize("call", ["open_shop(path)", "newShop(path)", "makeShop(path)"])
def test_what_a_function_returns_is_taken_from_its_signature(call: str) -> None:
    assert find_types_near(f"shop = {call}\nshop.")["Shop"] == RECEIVER_WEIGHT


def test_a_chain_is_followed_from_type_to_type() -> None:
    assert find_types_near("def f(shop: Shop):\n    return shop.store.")["ItemStore"] == RECEIVER_WEIGHT
    assert (
        find_types_near("class Own:\n    def f(self, shop: Shop):\n        self.shop = shop\n        self.shop.store.")["ItemStore"]
        == RECEIVER_WEIGHT
    )


def test_the_own_object_leads_to_what_its_class_inherits_from() -> None:
    assert find_types_near("        return self.", own=("class Corner(Shop, Mixin[Item]):",)) == {
        "Shop": RECEIVER_WEIGHT,
        "Mixin": RECEIVER_WEIGHT,
        "Item": RECEIVER_WEIGHT,
        "Place": ANCESTOR_WEIGHT,
    }


@pytest.mark.parametrize("text", ["a = b.x\nb = a.x\na.x.", "x = x.y\nx.", "." * 50, "a." * (MAX_LINKS + 5), "\\ufffd.", "self."])
def test_circles_and_nonsense_end(text: str) -> None:
    assert all(weight > 0 for weight in find_types_near(text).values())
