"""The answer contains tests of the selected code, where the framework finds them."""

import re
from collections import Counter
from collections.abc import Iterable

from interfix.commands.rules import EditProposal, Rule, RuleResult
from interfix.commands.suite_insertion import find_suites, has_single_suite
from interfix.commands.testing_frameworks import Framework
from interfix.output.markdown_code import write_code_span


def build_tests_rule(framework: Framework, names: Iterable[str]) -> Rule:
    """The rule for tests of `names`, written with a framework. What collects them knows them by the same marks."""
    tested_names = list(names)

    def collected(proposal: EditProposal) -> RuleResult:
        text = proposal.after.code
        count = framework.count_tests(text)
        if not count:
            return RuleResult(fault=f"there is no test in it that {framework.name} would find")
        if tested_names and not any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in tested_names):
            return RuleResult(fault=f"it does not use {' or '.join(tested_names[:3])}")
        return RuleResult(check=f"{count} test{'s' if count != 1 else ''}")

    return collected


def build_import_rule(stem: str, import_statement: str) -> Rule:
    """The rule for tests that have to import what they test from a file of that name, such as by `import_statement`."""
    import_pattern = re.compile(rf"\b(?:from|require\(|import)\s*\(?['\"](?:[^'\"]*/)?{re.escape(stem)}(?:\.\w+)?['\"]")

    def imports(proposal: EditProposal) -> RuleResult:
        if stem == "index" or import_pattern.search(proposal.after.snapshot.text):
            return RuleResult()
        return RuleResult(fault=f"it does not import what it tests: {write_code_span(import_statement)} is missing")

    return imports


def build_placement_rule(framework: Framework) -> Rule:
    """The rule for tests that are put among others: they stand inside of what holds those, and hide none of them."""

    def inside(proposal: EditProposal) -> RuleResult:
        before = {each.name: each for each in find_suites(proposal.before.snapshot, framework)}
        after = {each.name: each for each in find_suites(proposal.after.snapshot, framework)}
        if proposal.container not in before:
            strays = before and has_single_suite(proposal.before.snapshot)
            return RuleResult(fault=f"it is more than members of {next(iter(before))}" if strays else "")
        suite, now = before[proposal.container], after.get(proposal.container)
        if now is None or now.test_count != suite.test_count + framework.count_tests(proposal.after.code):
            return RuleResult(fault=f"its tests do not stand inside of {suite.name}")
        was = Counter(suite.list_functions())
        if twice := [name for name, count in Counter(now.list_functions()).items() if count > max(1, was[name])]:
            return RuleResult(fault=f"{suite.name} would have {', '.join(twice)} more than once")
        return RuleResult(check=f"in {suite.name}")

    return inside
