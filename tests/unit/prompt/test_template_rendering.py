"""A template that takes all time or memory ends with its process, and only that; a real one comes back from it."""

import pytest

from interfix.prompt.template_rendering import TemplateError, render_template
from tests.effort import take_share

ENDLESS = [
    "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "{{ 9 ** (9 ** 9) }}",
]
GREEDY = [
    "{{ 'a' * 10000000000 }}",
    "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
    "{{ 'a'.ljust(10000000000) }}",
    "{{ '%10000000000d' % 1 }}",
    "{{ 'a' | center(10000000000) }}",
    "{{ [1] * 10000000000 }}",
    "{% for i in range(99999) %}{{ 'aaaaaaaaaa' }}{% endfor %}",
    "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
    "{{ " + "(" * 50000 + "1" + ")" * 50000 + " }}",
    "{{ ['a' * 30] | map('replace', 'a', 'a' * 9999) | join | replace('a', 'a' * 99999) }}",
]


def render_and_fail(template: str) -> None:
    with pytest.raises(TemplateError):
        render_template(template, {})


def test_a_template_is_rendered_in_a_process_of_its_own() -> None:
    assert render_template("{{ word | tojson }}", {"word": "é<"}) == '"é<"'


@pytest.mark.slow
@pytest.mark.parametrize("template", ENDLESS)
def test_a_template_without_end_is_ended(template: str) -> None:
    render_and_fail(template)


@pytest.mark.parametrize("template", take_share(GREEDY), ids=lambda template: template[:30])
def test_a_template_that_takes_all_memory_is_ended(template: str) -> None:
    render_and_fail(template)
