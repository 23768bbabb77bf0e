"""Values of options: times, changes of a chip, conditions on the figures of a run."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from aimc_sim.commands.exits import ASSERT_FAILED, OK, complain
from aimc_sim.spec import InputError, nearest
from aimc_sim.tree import value_at

MAPPINGS = ("fused", "split", "hybrid")
_ASSERT = re.compile(r"\s*([\w.-]+)\s*(>=|<=|==|!=|>|<)\s*(\S+)\s*")
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}


def at_least(option: str, value: int | None, least: int) -> None:
    """Refuse a number below the least one allowed; None is no number."""
    if value is not None and value < least:
        raise InputError(f"{option}: found {value}; expected {least} or more")


def one_of(option: str, value: str | None, allowed: Sequence[str]) -> None:
    """Refuse a word that is not among those allowed; None is no word."""
    if value is not None and value not in allowed:
        near = nearest(value, allowed)
        hint = f"; did you mean {near!r}" if near else ""
        raise InputError(f"{option}: found {value!r}{hint}; allowed: {', '.join(allowed)}")


def parse_changes(pairs: Iterable[str], mapping: str | None = None) -> dict[str, Any]:
    """Return ``path -> value`` from ``PATH=VALUE`` texts; values are YAML scalars or flat sections.

    Parameters
    ----------
    pairs : iterable of str
        What ``--set`` was given.
    mapping : str, optional
        What ``--mapping`` was given, which changes ``hardware.mapping.s4d``.

    Raises
    ------
    InputError
        No equals sign, another value, a path given twice, or another mapping.

    Examples
    --------
    >>> parse_changes(["hardware.adc.bits=6", "hardware.mapping.allow_narrow_state=true"])
    {'hardware.adc.bits': 6, 'hardware.mapping.allow_narrow_state': True}
    """
    one_of("--mapping", mapping, MAPPINGS)
    changes: dict[str, Any] = {} if mapping is None else {"hardware.mapping.s4d": mapping}
    for pair in pairs:
        path, equals, text = pair.partition("=")
        path = path.strip()
        if not equals or not path:
            raise InputError(
                f"--set: found {pair!r}; expected PATH=VALUE, as in hardware.adc.bits=6"
            )
        try:
            value = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError):
            value = []
        if not _is_change(value):
            raise InputError(
                f"--set {path}: found {text!r}; expected a number, a word, true, false, null, or "
                f"a section such as '{{kind: ideal}}'"
            )
        if path in changes:
            raise InputError(f"--set {path}: is given twice")
        changes[path] = value
    return changes


def _is_change(value: Any) -> bool:
    """Return whether a value is a scalar, or a section of scalars."""
    if isinstance(value, dict):
        return all(isinstance(k, str) and not isinstance(v, (dict, list)) for k, v in value.items())
    return not isinstance(value, list)


@dataclass(frozen=True)
class Condition:
    """``path comparison number`` on the JSON of a run."""

    path: str
    comparison: str
    number: float

    def failure(self, tree: Mapping[str, Any]) -> str | None:
        """Return why the condition does not hold, or None where it does.

        Raises
        ------
        InputError
            The path leads to no number.
        """
        found = value_at(tree, self.path)
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            shown = "null" if found is None else f"a {type(found).__name__}"
            raise InputError(f"--assert {self.path}: found {shown}; expected a number")
        if _COMPARE[self.comparison](found, self.number):
            return None
        return f"assertion failed: {self.path} is {found:g}, not {self.comparison} {self.number:g}"


def judged(conditions: Iterable[Condition], tree: Mapping[str, Any]) -> int:
    """Say which conditions do not hold; return the exit code."""
    failures = [failure for c in conditions if (failure := c.failure(tree))]
    for failure in failures:
        complain(failure)
    return ASSERT_FAILED if failures else OK


def parse_condition(text: str) -> Condition:
    """Return a condition from text such as ``accuracy.analog.mean > 0.95``.

    Examples
    --------
    >>> parse_condition("agreement>=0.9")
    Condition(path='agreement', comparison='>=', number=0.9)
    """
    found = _ASSERT.fullmatch(text)
    try:
        if found is not None:
            return Condition(found.group(1), found.group(2), float(found.group(3)))
    except ValueError:
        pass
    raise InputError(
        f"--assert: found {text!r}; expected PATH, one of {' '.join(_COMPARE)}, and a "
        f"number, as in 'accuracy.analog.mean > 0.95'"
    )
