"""What the support matrix is made of: non-idealities, encodings and mappings, one line each.

A new one is one more `Choice` in its list: the tests and docs/support.md follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.laws.build import SILENT, device_of

Changes = Mapping[str, Any]
WINDOW = {"g_min_S": 0.5e-6, "g_max_S": 25.5e-6}
ASSUMED = {"cite": "a test", "grade": "assumed"}
GAUSSIAN = {"sigma_coefficients_S": (0.0,), "drift_law": None, "flicker_law": None, **WINDOW}


@dataclass(frozen=True)
class Choice:
    """One line or column of the matrix.

    Parameters
    ----------
    name : str
        As the page writes it.
    sets : mapping
        Path below ``hardware`` to the value that is the choice.
    brings : mapping
        What it comes with unless the other choice sets it.
    off : mapping
        What switches a non-ideality off; empty where leaving the choice out does that.
    path : str
        Where a user makes the choice, if that is not the first path set.
    """

    name: str
    sets: Changes
    brings: Changes = field(default_factory=dict)
    off: Changes = field(default_factory=dict)
    path: str = ""

    @property
    def hardware_path(self) -> str:
        """What a refusal has to name."""
        return f"hardware.{self.path or next(iter(self.sets))}"


def gaussian(**laws: Any) -> dict[str, Any]:
    """Return a device that has nothing but these laws."""
    return {"device": device_of("gaussian", **{**GAUSSIAN, **laws})}


def only(*effects: str) -> dict[str, bool]:
    """Return switches that leave these effects on."""
    every = ("programming", "drift", "faults", "read_white", "flicker_frozen",
             "flicker_correlated", "flicker_white", "telegraph", "nonlinearity",
             "converter_faults", "wires")  # fmt: skip
    return {f"effects.{name}": name in effects for name in every}


def effect(name: str, device: Changes, switch: str, path: str, **sets: Any) -> Choice:
    """Return a non-ideality of devices, the only effect that is on."""
    return Choice(name, {"device": device["device"], **only(switch), **sets}, path=path)


def converter(name: str, adc: Changes) -> Choice:
    """Return faults of a converter family."""
    sets = {f"adc.{key}": value for key, value in adc.items()}
    return Choice(name, sets, off={"effects.converter_faults": False})


WHITE = gaussian(white_law={"sigma_S": 0.4e-6, "source": ASSUMED})
FLICKER = gaussian(
    flicker_law={**SILENT, "q_s": {"kind": "constant", "value": 0.1}},
)
NON_IDEALITIES = (
    effect("programming spread", gaussian(sigma_coefficients_S=(0.5e-6,)), "programming",
           "effects.programming"),
    effect("drift", gaussian(drift_law={
        "t0_s": 20.0, "nu_mean": {"kind": "constant", "value": 0.1},
        "nu_std": {"kind": "constant", "value": 0.05}, "source": ASSUMED}), "drift",
           "effects.drift"),
    effect("stuck devices", gaussian(faults={
        "stuck_off": {"rate": 0.1, "low_S": 0.0, "high_S": 0.1e-6},
        "stuck_on": {"rate": 0.1, "low_S": 25.0e-6, "high_S": 40.0e-6}}), "faults",
           "effects.faults"),
    effect("open lines", gaussian(faults={"wordline_rate": 0.2, "bitline_rate": 0.1}), "faults",
           "effects.faults"),
    effect("white noise, a draw a bitline", WHITE, "read_white", "mapping.noise_form",
           **{"mapping.noise_form": "bitline"}),
    effect("white noise, a draw a cell", WHITE, "read_white", "mapping.noise_form",
           **{"mapping.noise_form": "cell"}),
    effect("1/f noise, frozen", FLICKER, "flicker_frozen", "effects.flicker_frozen"),
    effect("1/f noise, correlated", FLICKER, "flicker_correlated", "effects.flicker_correlated"),
    effect("telegraph noise", gaussian(telegraph={
        "share": 0.5, "relative_amplitude": 0.2, "tau_low_s": 3.0e-6, "tau_high_s": 3.0e-6,
        "source": ASSUMED}), "telegraph", "effects.telegraph"),
    effect("curved devices", {"device": device_of("rram_milo2021")}, "nonlinearity",
           "effects.nonlinearity"),
    Choice("ADC of 7 bits", {"adc.kind": "uniform", "adc.bits": 7}),
    converter("SAR faults", {"kind": "sar", "bits": 8, "capacitor_sigma": 0.05,
                             "comparator_offset_sigma_lsb": 1.0,
                             "comparator_noise_sigma_lsb": 0.3, "gain_sigma": 0.02}),
    converter("ramp faults", {"kind": "ramp", "bits": 8, "inl_sigma_lsb": 2.0,
                              "dnl_sigma_lsb": 0.3, "gain_sigma": 0.02,
                              "comparator_offset_sigma_lsb": 1.0, "noise_sigma_lsb": 0.5}),
    converter("integrating faults", {"kind": "integrating", "bits": 8, "t_integration_s": 1.0e-7,
                                     "lsb_time_s": 1.0e-10, "gain_sigma": 0.05,
                                     "offset_sigma_lsb": 1.0, "inl_sigma_lsb": 2.0,
                                     "count_noise_sigma_lsb": 0.5}),
    Choice("DAC INL and DNL", {"dac.inl_sigma_lsb": 2.0, "dac.dnl_sigma_lsb": 0.3,
                               "dac.gain_sigma": 0.02},
           {"dac.kind": "uniform", "dac.bits": 8}, {"effects.converter_faults": False}),
    Choice("pulse jitter", {"dac.kind": "pulse_width", "dac.jitter_sigma_s": 0.3e-10},
           {"dac.bits": 8, "dac.lsb_time_s": 1.0e-10}, {"effects.converter_faults": False}),
)  # fmt: skip

WIRES = {"wordline_ohm": 20.0, "bitline_ohm": 10.0, "driver_ohm": 300.0, "sense_ohm": 200.0}
NON_IDEALITIES = (
    *NON_IDEALITIES,
    effect("wires", gaussian(), "wires", "wires", wires=WIRES),
    Choice("white noise through wires", {
        "wires": WIRES, **WHITE, **only("wires", "read_white"), "mapping.noise_form": "cell"},
        off={"effects.wires": False, "effects.read_white": False}, path="mapping.noise_form"),
    Choice("curved devices with wires", {
        "wires": WIRES, "device": device_of("rram_milo2021"), **only("wires", "nonlinearity")},
        off={"effects.wires": False, "effects.nonlinearity": False},
        path="effects.nonlinearity"),
    Choice("lines of gates", {
        "wires": WIRES | {"topology": "gate_far_end", "source_line_ohm": 5.0},
        **gaussian(), **only("wires")},
        {"dac.kind": "uniform", "dac.bits": 1, "dac.polarity": "unipolar"},
        {"effects.wires": False}, "wires.topology"),
)  # fmt: skip

PULSE = {"dac.kind": "pulse_width"}
ENCODINGS = (
    Choice("one-sided pair", {"mapping.weights.encoding": "one_sided"}),
    Choice("two-sided pair", {"mapping.weights.encoding": "two_sided"}),
    Choice("offset column", {"mapping.weights.encoding": "offset_column"},
           {"mapping.unused": "programmed"}),
    Choice("slices of 2 bits", {"mapping.weights.cell_bits": 2}),
    Choice("slices of 3, 2, 2 ... bits", {"mapping.weights.cell_bits": (3, 2)}),
    Choice("2 devices in parallel", {"mapping.weights.redundancy": 2}),
    Choice("unused cells stated", {"mapping.unused": "stated"}),
    Choice("unused cells programmed", {"mapping.unused": "programmed"}),
    Choice("subtraction before ADC", {"mapping.subtraction": "before_adc"}),
    Choice("subtraction after ADC", {"mapping.subtraction": "after_adc"}),
    Choice("pair on bitlines", {"tile.pair": "bitlines"}),
    Choice("pair in unit cell", {"tile.pair": "unit_cell"}),
    Choice("current sensed", {"tile.sensing": "current"}),
    Choice("voltage sensed", {"tile.sensing": "voltage"}, {"mapping.subtraction": "after_adc"}),
    Choice("DAC of 4 bits", {"dac.kind": "uniform", "dac.bits": 4}),
    Choice("DAC bit-serial", {"dac.bits": 1}, {"dac.kind": "uniform"}),
    Choice("DAC of pulses", PULSE, {"dac.bits": 8, "dac.lsb_time_s": 1.0e-10}),
    Choice("DAC of bit pulses", {"dac.kind": "bit_pulse"},
           {"dac.bits": 4, "dac.t_pulse_s": 1.0e-12,
            "dac.t_integrate_s": 1.0e-12}),
    Choice("DAC of signed magnitudes", {"dac.polarity": "sign_magnitude"},
           {"dac.kind": "uniform", "dac.bits": 8}),
    Choice("DAC unipolar", {"dac.polarity": "unipolar"}, {"dac.kind": "uniform", "dac.bits": 8}),
    Choice("DAC slices of 2, 5 ... bits", {"dac.slice_bits": (2, 5), "dac.bits": 5},
           {"dac.kind": "uniform"}),
)  # fmt: skip

SPLIT, FUSED = {"mapping.s4d": "split"}, {"mapping.s4d": "fused"}
MAPPINGS = (
    Choice("hybrid", {"mapping.s4d": "hybrid"}),
    Choice("split", SPLIT),
    Choice("fused", FUSED),
    Choice("A - I stored", {"mapping.a_stored": "A_minus_I"}, SPLIT),
    Choice("window a tile", {"mapping.window": "tile"}, FUSED),
    Choice("window a kernel", {"mapping.window": "kernel"}, FUSED),
    Choice("window a mode", {"mapping.window": "mode"}, FUSED),
    Choice("pole gain, magnitude", {"mapping.pole_gain": "magnitude"}, SPLIT),
    Choice("pole gain, complex", {"mapping.pole_gain": "complex"}, SPLIT),
    Choice("tiles shared", {"mapping.share_tiles": True}, SPLIT),
    Choice("wordlines reversed", {"mapping.wordline_order": "reversed"}, FUSED),
    Choice("wordlines heavy first", {"mapping.wordline_order": "heavy_first"}, FUSED),
    Choice("columns reversed", {"mapping.column_order": "reversed"}, FUSED),
    Choice("columns heavy first", {"mapping.column_order": "heavy_first"}, FUSED),
)
