"""Faulty converters of every family, and draws for them."""

from __future__ import annotations

from pydantic import TypeAdapter

from aimc_sim.converters import Adc
from aimc_sim.rng import stream

COUNTS = {"t_integration_s": 16384 * 3.0e-10, "lsb_time_s": 3.0e-10}
FAULTS = {
    "sar": {
        "capacitor_sigma": 0.1, "comparator_offset_sigma_lsb": 2.0,
        "comparator_noise_sigma_lsb": 0.4, "gain_sigma": 0.05,
    },
    "ramp": {
        "inl_sigma_lsb": 1.5, "dnl_sigma_lsb": 0.4, "gain_sigma": 0.05,
        "comparator_offset_sigma_lsb": 2.0, "noise_sigma_lsb": 0.3,
    },
    "integrating": {
        "gain_sigma": 0.21, "offset_sigma_lsb": 2.0, "inl_sigma_lsb": 2.0,
        "count_noise_sigma_lsb": 0.5,
    },
}  # fmt: skip
NOISES = ("comparator_noise_sigma_lsb", "noise_sigma_lsb", "count_noise_sigma_lsb")


def adc_of(kind: str, bits: int = 8, **options):
    """Return a converter without faults but those named."""
    needed = COUNTS if kind == "integrating" else {}
    return TypeAdapter(Adc).validate_python({"kind": kind, "bits": bits, **needed, **options})


def faulty(kind: str, bits: int = 8, *, noise: bool = True, **options):
    """Return a converter with every fault of its family."""
    faults = {name: s for name, s in FAULTS[kind].items() if noise or name not in NOISES}
    return adc_of(kind, bits, **faults, **options)


def draw_of(seed: int, *path):
    """Return the draws of a tile of that name."""
    return lambda name, n: stream(seed, "program", *path, name).normal(n).astype("float64")
