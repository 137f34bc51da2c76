"""There are tests in the answer, of what was to be tested."""

import re
from collections.abc import Iterable

from interfix.commands.frameworks import Framework
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
