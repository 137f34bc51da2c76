"""Looking for secrets takes time in proportion to the text, whatever the text is made to be.

About `masking/secret_detection.py`.
"""

import time

import pytest

from interfix.masking.secret_detection import _find
from tests.effort import take_share

SEEDS = [
    "a",
    "a ",
    "x1",
    "A1b2C3d4",
    "(",
    '"a" ',
    '"a"+',
    "'a'\n",
    "key: ",
    "password ",
    "password=",
    "pass ",
    "mysql -p",
    "docker login ",
    "machine x login y ",
    "a:b:c:d:",
    "https://hook/",
    "https://a:",
    "[?&token=",
    "?token=a1",
    "-----BEGIN PRIVATE KEY-----\n",
    " PRIVATE KEY",
    '"abcdefgh ',
    "name: password\n",
    "value: x\n",
    "<a>",
    "$2y$10$",
    "kind: Secret\ndata:\n a: b\n",
    "eyJaaaaaaaaa.",
    "sk-",
    "sk-a",
    "abcdefgh1.",
    'Client("',
    "Client(",
    "auth=(",
    "token token_",
    "set with password(",
    "=",
    "\\\n",
    "\t",
    "\n",
    "ab12-",
    "htpasswd -b ",
    "aws set ",
    "otpauth://",
    "echo a | ",
    "pass:",
    "-u ",
    "--user a:",
    "AAAAAAAAAAAAAAAAAAAA ",
    "0123456789abcdef",
    "Bearer a1",
]
SIZE = 6000
"""Characters."""


def measure_seconds(seed: str, size: int) -> float:
    text = (seed * (size // len(seed) + 1))[:size]
    taken = []
    for _ in range(3):
        began = time.process_time()
        _find(text)
        taken.append(time.process_time() - began)
    return min(taken)


@pytest.mark.parametrize("seed", take_share(SEEDS))
def test_eight_times_the_text_takes_no_more_than_thirty_times_as_long(seed: str) -> None:
    """It would take 64 times as long where the time grew with the square; times too short to measure do not count."""
    _find(seed)
    assert measure_seconds(seed, 8 * SIZE) <= max(30 * measure_seconds(seed, SIZE), 0.5)
