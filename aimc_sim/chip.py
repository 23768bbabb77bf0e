"""Chip: hardware and costs in one YAML file, checked across both."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from aimc_sim.cost.costs import Costs
from aimc_sim.devices import device_model_names, device_model_path, load_device, shipped_near
from aimc_sim.hardware import Hardware
from aimc_sim.spec import InputError, Spec, nearest, read_yaml, validate, with_override

DEVICE = "hardware.device"


class Chip(Spec):
    """What a model runs on, and what that costs.

    Parameters
    ----------
    format, version : str
        "aimc-chip", "1.0".
    name, description : str
        Of the chip.
    hardware : Hardware
        All that moves the numerics.
    costs : Costs
        All that does not.

    Notes
    -----
    ``chip.digest()`` covers all content, that of the device model included.
    """

    format: Literal["aimc-chip"]
    version: Literal["1.0"]
    name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9_-]+$")
    description: str = Field(min_length=10)
    hardware: Hardware
    costs: Costs

    @model_validator(mode="after")
    def _fits_together(self) -> Chip:
        hardware, tile = self.hardware, self.hardware.tile
        prices = self.costs.prices(hardware)
        self.costs.adc.one_area_m2(self.costs.adc.bits_of(hardware))
        if tile.bitlines_per_adc > tile.n_bitlines:
            raise ValueError(
                f"hardware.tile.bitlines_per_adc: found {tile.bitlines_per_adc}; "
                f"a tile has n_bitlines {tile.n_bitlines}"
            )
        t_step_s = hardware.timing.t_step_s
        least_s = sum(
            prices[a].cost.latency_s for a in ("dac.convert", "crossbar.mvm", "adc.convert")
        )
        if t_step_s is not None and t_step_s < least_s:
            raise ValueError(
                f"hardware.timing.t_step_s: found {t_step_s:g} s; one read with one "
                f"conversion alone takes {least_s:g} s"
            )
        return self


def load_chip(path: str | Path, overrides: Mapping[str, Any] | None = None) -> Chip:
    """Read a chip file, put its device model in, apply overrides, and check it.

    Parameters
    ----------
    path : path
        A chip YAML; ``hardware.device`` is the name of a shipped device model, or the path of a
        device file relative to the chip file.
    overrides : mapping, optional
        Dotted path to value, as ``{"hardware.adc.bits": 6, "hardware.device": "ideal"}``.

    Returns
    -------
    Chip
        Complete and checked.

    Raises
    ------
    InputError
        One line with file, path, value found and what is allowed.

    Examples
    --------
    >>> chip = load_chip("examples/chips/pcm_256.yaml", {"hardware.adc.bits": 6})
    >>> chip.hardware.adc.bits, chip.hardware.device.kind
    (6, 'pcm')
    """
    return chip_of(read_yaml(path), path, overrides)


def chip_of(
    tree: Mapping[str, Any], path: str | Path, overrides: Mapping[str, Any] | None = None
) -> Chip:
    """Return the chip of a file that was read before; see `load_chip`.

    Parameters
    ----------
    tree : mapping
        What the file says.
    path : path
        Where it lies; a device that is a file is looked for beside it.
    overrides : mapping, optional
        Dotted path to value.
    """
    changes = dict(overrides or {})
    for name in ("hardware", DEVICE):
        if name in changes:
            tree = with_override(tree, name, changes.pop(name))
    hardware = tree.get("hardware")
    if isinstance(hardware, Mapping) and isinstance(hardware.get("device"), str):
        tree = with_override(tree, DEVICE, device_section(hardware["device"], Path(path)))
    if changes:
        tree = _with_sections(tree)
    for name, value in changes.items():
        tree = with_override(tree, name, value)
    return validate(Chip, tree, str(path))


def _with_sections(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tree with the optional sections of `hardware`, empty where they were left out."""
    hardware = tree.get("hardware")
    if not isinstance(hardware, Mapping):
        return dict(tree)
    return {**tree, "hardware": _filled(Hardware, hardware)}


def _filled(cls: type[Spec], tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section with its optional sections, and theirs."""
    out = dict(tree)
    for name, field in cls.model_fields.items():
        if isinstance(field.default, Spec):
            section = out.get(name, {})
            if isinstance(section, Mapping):
                out[name] = _filled(type(field.default), section)
    return out


def device_section(name: str, chip_path: Path) -> dict[str, Any]:
    """Return the `device` section of a shipped model, or of a file beside the chip."""
    shipped = device_model_names()
    if name in shipped:
        device_path = device_model_path(name)
    else:
        device_path = chip_path.parent / name
        if not device_path.is_file():
            near = nearest(name, shipped)
            hint = f"; did you mean {near!r}" if near else ""
            raise InputError(
                f"{chip_path}: {DEVICE}: found {name!r}, neither a shipped device "
                f"model nor a file{hint}; shipped: {shipped_near(name)}"
            )
    return load_device(device_path).device.model_dump(mode="json")
