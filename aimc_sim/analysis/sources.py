"""Sources of error of a chip: which it has, and the same chip with some of them only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from aimc_sim.converters import IdealAdc, IdealDac
from aimc_sim.crossbar.tile import Tiles, program
from aimc_sim.devices.noise import Flicker
from aimc_sim.hardware import Effects, Hardware
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.plan import Plan
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Floats

EFFECTS = tuple(Effects.model_fields)
SOURCES = (*EFFECTS, "dac", "adc")
"""All sources, in the order of a budget: those of the devices, then the converters."""
_CONDUCTANCE = ("programming", "drift")
_FLICKER = ("flicker_frozen", "flicker_correlated", "flicker_white")


def with_sources(hardware: Hardware, sources: Collection[str]) -> Hardware:
    """Return the same hardware with these sources of error and no other.

    Parameters
    ----------
    hardware : Hardware
        Whose; a source that it has switched off stays off.
    sources : collection of str
        Out of `SOURCES`. A converter that is not among them becomes ideal: of any width, without
        an end, exact to one unit of the accumulator.

    Examples
    --------
    >>> from aimc_sim.chip import load_chip
    >>> chip = load_chip("examples/chips/pcm_256.yaml")
    >>> quiet = with_sources(chip.hardware, {"adc"})
    >>> quiet.dac.kind, quiet.adc.kind, quiet.effects.drift
    ('ideal', 'uniform', False)
    """
    on = {name: name in sources and getattr(hardware.effects, name) for name in EFFECTS}
    changes: dict[str, object] = {"effects": Effects.model_validate(on)}
    gates = "wires" in sources and hardware.wires is not None and hardware.wires.is_gate
    if "dac" not in sources and not gates:  # gates take one bit without sign, whatever else is off
        changes["dac"] = IdealDac(kind="ideal", v_read_V=hardware.dac.v_read_V)
    if "adc" not in sources:
        changes["adc"] = IdealAdc(kind="ideal")
    return hardware.model_copy(update=changes)


def plan_like(plan: Plan, model: Model, hardware: Hardware) -> Plan:
    """Map a model onto hardware with other converters, every weight on the device it had.

    Parameters
    ----------
    plan : Plan
        Whose places are taken.
    model : Model
        The model of the plan.
    hardware : Hardware
        That of the plan with other sources of error (`with_sources`).
    """
    mapped = map_model(model, hardware)
    layers = tuple(
        replace(
            layer,
            matrices=tuple(
                replace(m, tiles=placed.tiles)
                for m, placed in zip(layer.matrices, old.matrices, strict=True)
            ),
        )
        for layer, old in zip(mapped.layers, plan.layers, strict=True)
    )
    return replace(mapped, layers=layers, ranges=plan.ranges)


def sources_of(plan: Plan, model: Model, *, seed: int, age_s: float) -> tuple[str, ...]:
    """Return the sources of error that the hardware of a plan has, in the order of `SOURCES`.

    Parameters
    ----------
    plan : Plan
        A mapped model.
    model : Model
        That model.
    seed : int
        Build seed.
    age_s : float
        Age at which the tiles are read [s].

    Notes
    -----
    Programming and drift count where they alone move a conductance of chip 0 at that age; a part of
    read noise where its spread is not zero; faults, telegraph noise, curvature, wires, converters
    and their faults where the hardware has them. A source that no rule here knows counts always.
    """
    hardware = plan.hardware
    device, t_step_s = hardware.device, plan.t_step_s
    quiet = _programmed(plan, model, (), seed)
    found = {
        name: any(
            (quiet.g_S(0, t.tile_id, age_s) != alone.g_S(0, t.tile_id, age_s)).any()
            for t in plan.tiles
        )
        for name in _CONDUCTANCE
        for alone in (_programmed(plan, model, (name,), seed),)
    }
    found |= dict.fromkeys(_FLICKER, False)
    noises = [quiet.read_noise(0, t.tile_id, age_s) for t in plan.tiles]
    found["read_white"] = any(n.white_S is not None and n.white_S.any() for n in noises)
    for n in noises:
        for name, there in _flicker(n.flicker, t_step_s, hardware.timing.n_band_steps).items():
            found[name] |= there
    telegraph = device.telegraph
    found["telegraph"] = telegraph is not None and telegraph.share > 0.0
    found["faults"] = device.faults is not None
    found["nonlinearity"] = device.nonlinearity(np.array([device.g_max_S])) is not None
    found["wires"] = hardware.wires is not None and not hardware.wires.is_ideal
    found["converter_faults"] = _has_faulty_converters(hardware)
    found |= {name: getattr(hardware, name).kind != "ideal" for name in ("dac", "adc")}
    switched_on = {name for name in EFFECTS if getattr(hardware.effects, name)} | {"dac", "adc"}
    return tuple(name for name in SOURCES if name in switched_on and found.get(name, True))


def _has_faulty_converters(hardware: Hardware) -> bool:
    def draw(_: str, n: int) -> Floats:
        return np.zeros(n)

    dac, adc = hardware.dac, hardware.adc
    drawn = (dac.levels(draw, 1), adc.transfer(draw, 1, True))
    return dac.jitter_lsb > 0.0 or any(found is not None for found in drawn)


def _programmed(plan: Plan, model: Model, sources: Collection[str], seed: int) -> Tiles:
    """Return chip 0 with these sources only, its converters as they are."""
    hardware = with_sources(plan.hardware, {*sources, "dac", "adc"})
    return program(plan_like(plan, model, hardware), hardware, seed=seed)


def _flicker(flicker: Flicker | None, t_step_s: float, n_steps: int) -> dict[str, bool]:
    """Return which parts of 1/f noise there are."""
    if flicker is None or not flicker.strength_S.any():
        return {}
    shares = flicker.shares(t_step_s, n_steps)
    parts = (shares.frozen, shares.correlated, shares.white)
    return {name: part > 0.0 for name, part in zip(_FLICKER, parts, strict=True)}
