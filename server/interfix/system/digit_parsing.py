"""Whole numbers as people, headers and servers write them."""


def parse_whole_number(text: str, most: int) -> int | None:
    """The number that the ASCII digits of a text are, and `most` where it is larger; None where the text is anything else.

    `str.isdigit` takes digits that `int` does not ("²"), and `int` refuses more than 4,300 of them.
    """
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0")
    return most if len(digits) > len(str(most)) else min(int(digits or "0"), most)
