"""The process that renders a chat template: somebody's program, in a sandbox, with little time and memory.

Reads JSON, `{"template", "values"}`, and writes `{"text"}` or `{"error"}`.
"""

import json
import sys
from datetime import datetime
from typing import Any

import jinja2
from jinja2.ext import Extension
from jinja2.nodes import Node
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

CPU_SECONDS = 3
"""Of processor time; a real template takes milliseconds. Windows does not heed it."""
MEMORY_BYTES = 1 << 29
"""Of address space, on systems that heed it: Linux does, Windows and macOS do not."""
MAX_TEXT_CHARACTERS = 200_000
"""Of what a template writes besides the turns."""


def main() -> None:
    """Render the template that comes in."""
    order = json.loads(sys.stdin.buffer.read())
    _limit_process()
    sys.stdout.buffer.write(json.dumps(answer_order(order)).encode())


def answer_order(order: dict[str, Any]) -> dict[str, str]:
    """What is written for what was read."""
    try:
        return {"text": render(order["template"], order["values"])}
    except MemoryError:
        return {"error": "it takes too much memory"}
    except Exception as error:  # whatever it raises is its own failure
        return {"error": str(error)[:300] or type(error).__name__}


def render(template: str, values: dict[str, Any]) -> str:
    """What the template makes of the values. Raises whatever the template does wrong."""
    compiled = _compile_template(template)
    try:
        text = compiled.render(**values, tools=None)  # most want to be told that there are none
    except MemoryError:
        raise
    except Exception as error:
        try:
            text = compiled.render(**values)  # some go through them whatever they are
        except Exception:
            raise error from None
    if len(text) > MAX_TEXT_CHARACTERS:
        raise jinja2.TemplateError(f"it writes more than {MAX_TEXT_CHARACTERS:,} characters")
    return text


def _limit_process() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _compile_template(template: str) -> jinja2.Template:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", _GenerationTag]
    )
    environment.filters["tojson"] = _dump_json
    environment.globals["raise_exception"] = _raise_template_error
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)  # the user's own clock is meant
    return environment.from_string(template)


def _raise_template_error(message: str) -> None:
    raise jinja2.TemplateError(message)


def _dump_json(value: Any, indent: int | None = None, **_: Any) -> str:
    """JSON as chat templates want it; Jinja's own filter escapes for HTML."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


class _GenerationTag(Extension):
    """`{% generation %}…{% endgeneration %}` marks the assistant's text for training and means nothing here."""

    tags = {"generation"}  # noqa: RUF012 (jinja2 declares it so)

    def parse(self, parser: Parser) -> Node | list[Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


if __name__ == "__main__":
    main()
