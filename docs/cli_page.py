"""Writes docs/cli.md from the options that `aimc` really takes and the schema of its JSON.

    python docs/cli_page.py > docs/cli.md

A test compares the page with the program, so that a changed interface is seen in review.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import typer.main

from aimc_sim.analysis.run_json import run_schema
from aimc_sim.cli import APP
from aimc_sim.report.cost_json import cost_schema
from aimc_sim.report.mvm_json import mvm_schema

APP_COMMAND = typer.main.get_command(APP)
INTRO = """\
# Command line

`aimc COMMAND --help` says the same as this page. Times are written `30s`, `5min`, `1h`, `1d`. A
value of `--set` is a YAML scalar or a flat section such as `{kind: ideal}`. `--json -` writes to
standard output, where nothing else goes then; progress and complaints go to standard error.
Files are written whole or not at all.

| exit code | means |
|---|---|
| 0 | ok |
| 1 | an `--assert` failed |
| 2 | bad input, told in one line |
| 3 | internal error; `--debug` shows where |
| 130 | interrupted |

The path in an `--assert` is that of the JSON: `accuracy.analog.mean`, `energy_J.per_inference`,
`events.by_action.adc.convert`, `accuracy.analog.per_chip.0`.
"""

JSON_INTRO = """\
## The JSON of a run

`aimc run --json` writes one object, `"schema": 1`; keys are only ever added, and the schema itself
is `aimc_sim/analysis/run.schema.json`. All but `version`, `machine` and `runtime_s` are the same,
to the byte, for the same model, chip, data, seeds and age, whatever the threads and the batch size.

| key | type | meaning |
|---|---|---|
"""

MVM_INTRO = """
## The JSON of MVMs

`aimc mvm --json` writes one object, `"schema": 1`, described by `aimc_sim/report/mvm.schema.json`;
[](mvm.md) defines the figures. What may differ between two calls is what may differ between runs.

| key | type | meaning |
|---|---|---|
"""


COST_INTRO = """
## The JSON of costs

`aimc cost MODEL --json` writes one object, `"schema": 1`, described by
`aimc_sim/report/cost.schema.json`; [](costs.md) defines the figures.

| key | type | meaning |
|---|---|---|
"""

BUSY_INTRO = """
## The JSON of a chip at its peak

`aimc cost --chip CHIP --json` without a model, described by `aimc_sim/report/busy.schema.json`.

| key | type | meaning |
|---|---|---|
"""


def page() -> str:
    """Return the whole page."""
    parts = [INTRO, *("\n".join(section(*found)) for found in commands_of(APP_COMMAND))]
    tables = [intro + rows(schema) for intro, schema in (
        (JSON_INTRO, run_schema()), (MVM_INTRO, mvm_schema()), (COST_INTRO, cost_schema()),
        (BUSY_INTRO, cost_schema(of_model=False)),
    )]  # fmt: skip
    return "\n".join([*parts, *tables]) + "\n"


def commands_of(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each command with its name, those of groups below included."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_of(command, f"{before}{name} ")
        else:
            yield before + name, command


def rows(schema: dict[str, Any]) -> str:
    """Return the table of all keys of a schema."""
    return "\n".join(f"| `{path}` | {kind} | {text} |" for path, kind, text in keys(schema, schema))


def section(name: str, command: Any) -> Iterator[str]:
    """Yield the lines about one command."""
    takes = " ".join(p.metavar for p in command.params if p.param_type_name == "argument")
    yield f"## aimc {name} {takes}\n"
    yield command.help + "\n"
    yield "| option | default | meaning |\n|---|---|---|"
    for option in command.params:
        if option.param_type_name == "option":
            yield f"| `{spelling(option)}` | {default(option)} | {option.help} |"
    title, _, examples = command.epilog.removeprefix("\b\n").partition("\n")
    yield f"\n{title}\n\n```text\n{examples.rstrip()}\n```\n"


def spelling(option: Any) -> str:
    """Return how an option is written."""
    names = ", ".join(option.opts)
    return names if option.is_flag else f"{names} {option.metavar}"


def default(option: Any) -> str:
    """Return what holds where an option is not given."""
    if option.required:
        return "required"
    given = option.default
    return "" if option.is_flag or given in (None, "") else f"`{given}`"


def keys(schema: dict[str, Any], tree: dict[str, Any], path: str = "") -> Iterator[tuple[str, ...]]:
    """Yield path, type and meaning of every key that the schema names."""
    for key, child in tree.get("properties", {}).items():
        where = f"{path}.{key}" if path else key
        kind = kind_of(schema, child)
        yield where, kind, child.get("description", "")
        yield from keys(schema, child, where)


def kind_of(schema: dict[str, Any], tree: dict[str, Any]) -> str:
    """Return the type of a value in words."""
    if "$ref" in tree:
        return tree["$ref"].rpartition("/")[2].replace("_", " ")
    if "const" in tree:
        return str(tree["const"])
    if "enum" in tree:
        return " or ".join("null" if v is None else str(v) for v in tree["enum"])
    kind = tree["type"]
    return kind if isinstance(kind, str) else " or ".join(kind)


if __name__ == "__main__":
    sys.stdout.write(page())
