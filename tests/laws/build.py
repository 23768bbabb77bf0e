"""Chips, models and comparisons that the tests of the laws share."""

from __future__ import annotations

from typing import Any

import numpy as np

from aimc_sim.crossbar.tile import Tiles, program
from aimc_sim.data import Data
from aimc_sim.devices import device_model_path, load_device
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.mapper import map_model
from aimc_sim.model.layers import S4D, Linear, Pool
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Ints, Requant, Signal
from aimc_sim.runner.result import Result
from tests.generate import random_batch

IDEAL_DAC = {"kind": "ideal", "v_read_V": 0.2}
IDEAL_ADC = {"kind": "ideal"}
SILENT = {
    "q_s": {"kind": "constant", "value": 0.0},
    "t_read_s": 250.0e-9,
    "source": {"cite": "1/f noise of no strength", "grade": "assumed"},
}


def device_of(name: str, **changes: Any) -> Any:
    """Return a shipped device, some of its parameters changed."""
    device = load_device(device_model_path(name)).device
    return type(device).model_validate({**device.model_dump(), **changes})


def hardware_of(
    device: Any = None,
    tile: tuple[int, int] = (64, 64),
    *,
    dac: Any = None,
    adc: Any = None,
    pair: str = "bitlines",
    bitlines_per_adc: int = 1,
    effects: Any = None,
    timing: Any = None,
    calibration: Any = None,
    sensing: str = "current",
    wires: Any = None,
    **mapping: Any,
) -> Hardware:
    """Return a chip's hardware: ideal where nothing is asked for."""
    return Hardware.model_validate(
        {
            "device": device or device_of("ideal"),
            "dac": dac or IDEAL_DAC,
            "adc": adc or IDEAL_ADC,
            "tile": {
                "n_wordlines": tile[0],
                "n_bitlines": tile[1],
                "pair": pair,
                "bitlines_per_adc": bitlines_per_adc,
                "sensing": sensing,
            },
            "mapping": mapping,
            "timing": {"t_read_s": 1.0e-7, **(timing or {})},
            "effects": effects or {},
            "calibration": calibration or {},
            "wires": wires,
        }
    )


def program_model(model: Model, hardware: Hardware, seed: int = 7, **chips: int) -> Tiles:
    """Return the tiles of a model."""
    return program(map_model(model, hardware), hardware, seed=seed, **chips)


def random_data(rng: np.random.Generator, model: Model, n: int, steps: int, **options: Any) -> Data:
    """Return random sequences for a model, with labels."""
    x_code, lengths = random_batch(rng, model, n, steps, **options)
    return Data(x_code, lengths, rng.integers(0, model.n_classes, n))


def all_probes(model: Model) -> tuple[str, ...]:
    """Return every layer before the pool and every state."""
    layers = model.layers[: model.pool_index]
    return (
        *(layer.name for layer in layers),
        *(f"{layer.name}/x" for layer in layers if isinstance(layer, S4D)),
    )


def assert_same(one: Result, two: Result) -> None:
    """Check that two results are the same bytes, all that law 4 covers."""
    for name in (
        "sequence",
        "y_code",
        "reference_y_code",
        "ended",
        "error_square",
        "reference_square",
    ):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)
    for name in (
        "chips",
        "events",
        "saturated",
        "converted",
        "effective_state_bits",
        "seeds",
        "digests",
        "noise_form",
    ):
        assert getattr(one, name) == getattr(two, name), name
    for name in one.probes.keys() & two.probes.keys():
        np.testing.assert_array_equal(one.probes[name], two.probes[name], err_msg=name)


def requant_by(m: int, k: int) -> Requant:
    """Return a per-tensor multiplier and shift."""
    return Requant(np.array(m, dtype=np.int64), np.array(k, dtype=np.int64))


def linear_model(
    weight: Ints,
    bits: int = 8,
    x_bits: int = 8,
    y_bits: int = 24,
    shift: int = 1,
    signed: bool = True,
) -> Model:
    """Return one linear layer and a pool of rule "last"; its output is acc * 2 / 2^shift."""
    y = Signal(y_bits, True, 1.0)
    n_in, n_out = weight.shape
    layer = Linear(
        "enc",
        "input",
        weight.astype(np.int64),
        bits,
        np.zeros(n_out, np.int64),
        requant_by(2, shift),
        y,
    )
    pool = Pool("pool", "enc", "last", 1, 0, y)
    return Model(n_in, Signal(x_bits, signed, 1.0), (layer, pool))


def kernel_model(
    *,
    tied: bool = True,
    readout: str = "old",
    n_states: tuple[int, ...] = (2, 1),
    is_complex: bool = False,
) -> Model:
    """Return one small S4D of 8-bit codes and a pool, written out by hand."""
    n, H = sum(n_states), len(n_states)
    ramp = np.arange(n, dtype=np.int64)
    state, y = Signal(12, True, 1.0), Signal(10, True, 1.0)
    m = 1 if tied else 3
    imag = (
        {"A_im": 20 + ramp, "B_im": 5 - ramp, "C_im": 7 + ramp}
        if is_complex
        else dict.fromkeys(("A_im", "B_im", "C_im"))
    )
    layer = S4D(
        "ssm",
        "input",
        np.array(n_states, dtype=np.int64),
        100 - ramp,
        B_re=60 + ramp,
        C_re=50 - 2 * ramp,
        D=np.arange(H, dtype=np.int64) + 3,
        bits=dict.fromkeys("ABCD", 8),
        requant_A=requant_by(2, 8),
        requant_B=requant_by(m, 2),
        requant_C=requant_by(1, 6),
        requant_D=requant_by(m, 1),
        state=state,
        output=y,
        readout=readout,
        tied=tied,
        **imag,
    )
    return Model(H, Signal(8, True, 1.0), (layer, Pool("pool", "ssm", "last", 1, 0, y)))
