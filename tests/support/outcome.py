"""What becomes of a small kernel on a chip that combines some choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from aimc_sim.crossbar.tile import Tiles
from aimc_sim.data import Data
from aimc_sim.hardware import Hardware
from aimc_sim.model.reference import run_reference
from aimc_sim.model.signal import Ints
from aimc_sim.runner.result import Result
from aimc_sim.runner.run import run
from aimc_sim.spec import InputError, validate
from tests.laws.build import all_probes, assert_same, device_of, kernel_model, program_model
from tests.support.choices import NON_IDEALITIES, WINDOW, Changes, Choice

MODEL = kernel_model(is_complex=True)
RNG = np.random.default_rng(3)
DATA = Data(RNG.integers(-128, 128, (3, 2, 2)), np.array([2, 1, 2]))
PROBES = all_probes(MODEL)
AGE_s = 3600.0
BASE: dict[str, Any] = {
    "device": device_of("ideal", **WINDOW),
    "dac": {"kind": "ideal", "v_read_V": 0.2},
    "adc": {"kind": "ideal"},
    "tile": {"n_wordlines": 12, "n_bitlines": 48},
    "mapping": {"s4d": "split", "allow_narrow_state": True},
    "timing": {"t_read_s": 1.0e-7, "t_step_s": 1.0e-6, "n_band_steps": 16},
    "effects": {},
}


@dataclass(frozen=True)
class Outcome:
    """What was found.

    Parameters
    ----------
    kind : {"exact", "runs", "no effect", "refused", "either"}
        ``either``: the choices exclude each other, being values of one setting.
    reason : str
        Of a refusal.
    """

    kind: str
    reason: str = ""


def combined(choices: Sequence[Choice]) -> Changes | None:
    """Return what choices set together; None where they are values of one setting."""
    changes: dict[str, Any] = {}
    for choice in choices:
        for path, value in choice.sets.items():
            if changes.setdefault(path, value) != value:
                return None
    for choice in choices:
        for path, value in choice.brings.items():
            changes.setdefault(path, value)
    return changes


def hardware_with(changes: Changes) -> Hardware:
    """Return the hardware of a chip with some values changed."""
    tree: dict[str, Any] = {key: _copied(value) for key, value in BASE.items()}
    for path, value in changes.items():
        *sections, name = path.split(".")
        place = tree
        for section in sections:
            place = place.setdefault(section, {})
        place[name] = value
    return validate(Hardware, tree, "chip")


def _copied(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else value


def outcome(*choices: Choice) -> Outcome:
    """Return what becomes of choices; ideal ones have to be exact."""
    changes = combined(choices)
    if changes is None:
        return Outcome("either")
    try:
        hardware = hardware_with(changes)
        found, again = (_run(hardware, size) for size in (3, 1))
    except InputError as error:
        return refusal(str(error), choices)
    assert_same(found, again)
    assert np.isfinite(found.error_square).all()
    faulty = [choice for choice in choices if choice in NON_IDEALITIES]
    if not faulty:
        assert_exact(found)
        return Outcome("exact")
    changed = any((found.probes[n] != _without(choices, changes)[n]).any() for n in PROBES)
    return Outcome("runs" if changed else "no effect")


def _without(choices: Sequence[Choice], changes: Changes) -> Mapping[str, Ints]:
    """Return the codes without the non-ideality: those of the reference where nothing is left."""
    off = [path for choice in choices for path in choice.off.items()]
    return _run(hardware_with({**changes, **dict(off)}), 3).probes if off else _reference()


def refusal(reason: str, choices: Sequence[Choice]) -> Outcome:
    """Return a refusal, whose one line has to name every choice and what is allowed."""
    assert "\n" not in reason, reason
    assert "allowed" in reason, reason
    if len(choices) == 2:
        for choice in choices:
            assert choice.hardware_path in reason, f"{choice.hardware_path} is not named: {reason}"
    return Outcome("refused", reason)


@lru_cache(maxsize=2048)
def _run(hardware: Hardware, batch_size: int) -> Result:
    """Return the result of a chip; choices that are the default share theirs."""
    return run(
        MODEL, _tiles(hardware), DATA, seed=2, age_s=AGE_s, probes=PROBES, batch_size=batch_size
    )


@lru_cache(maxsize=64)
def _tiles(hardware: Hardware) -> Tiles:
    return program_model(MODEL, hardware)


def assert_exact(result: Result) -> None:
    """Check law 1: every layer and state at every step equals the integer reference."""
    for name, codes in _reference().items():
        np.testing.assert_array_equal(result.probes[name], codes, err_msg=name)
    assert not any(result.saturated.values())


@lru_cache
def _reference() -> Mapping[str, Ints]:
    """Return the reference's codes, [chip, sequence, step, channel] for one chip."""
    found = run_reference(MODEL, DATA.x_code, DATA.lengths, probes=PROBES).probes
    return {name: codes[None] for name, codes in found.items()}
