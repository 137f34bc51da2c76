"""There are tests in the answer, of what was to be tested, and they stand where tests have to."""

import re
from collections import Counter
from collections.abc import Iterable

from interfix.commands.frameworks import Framework
from interfix.commands.joining import holders, one_a_file
from interfix.commands.rules import Proposal, Rule, Ruling


def tests_of(framework: Framework, names: Iterable[str]) -> Rule:
    """The rule for tests of `names`, written with a framework. What collects them knows them by the same marks."""
    wanted = list(names)

    def collected(proposal: Proposal) -> Ruling:
        text = proposal.after.code
        count = framework.tests(text)
        if not count:
            return Ruling(fault=f"there is no test in it that {framework.name} would find")
        if wanted and not any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in wanted):
            return Ruling(fault=f"it does not use {' or '.join(wanted[:3])}")
        return Ruling(check=f"{count} test{'s' if count != 1 else ''}")

    return collected


def takes(stem: str, taking: str) -> Rule:
    """The rule for tests that have to import what they test from a file of that name, such as by `taking`."""
    named = re.compile(rf"\b(?:from|require\(|import)\s*\(?['\"](?:[^'\"]*/)?{re.escape(stem)}(?:\.\w+)?['\"]")

    def imports(proposal: Proposal) -> Ruling:
        if stem == "index" or named.search(proposal.after.snapshot.text):
            return Ruling()
        return Ruling(fault=f"it does not import what it tests: `{taking}` is missing")

    return imports


def joins(framework: Framework) -> Rule:
    """The rule for tests that are put among others: they stand inside of what holds those, and hide none of them."""

    def inside(proposal: Proposal) -> Ruling:
        before = {each.name: each for each in holders(proposal.before.snapshot, framework)}
        after = {each.name: each for each in holders(proposal.after.snapshot, framework)}
        if proposal.into not in before:
            strays = before and one_a_file(proposal.before.snapshot)
            return Ruling(fault=f"it is more than members of {next(iter(before))}" if strays else "")
        place, now = before[proposal.into], after.get(proposal.into)
        if now is None or now.tests != place.tests + framework.tests(proposal.after.code):
            return Ruling(fault=f"its tests do not stand inside of {place.name}")
        was = Counter(place.names())
        if twice := [name for name, count in Counter(now.names()).items() if count > max(1, was[name])]:
            return Ruling(fault=f"{place.name} would have {', '.join(twice)} more than once")
        return Ruling(check=f"in {place.name}")

    return inside
