"""Hand-made faults of what is around the crossbar: encodings, converters, wires, pole gains."""

from __future__ import annotations

from mutation import Mutation

ENCODED = "tests/statistical/test_encodings.py::"
CONVERTING = "tests/unit/crossbar/test_converting.py::"
WIRES = "tests/laws/test_wires_are_the_circuit.py::"
GAINS = "tests/unit/crossbar/test_pole_gain.py::"
LAYOUT = "tests/unit/mapping/test_layout.py::"
BUNDLED = "tests/laws/test_bundled_is_exact.py::"
STEPPED = "tests/unit/runner/test_schedule.py::test_a_run_is_the_same"

# fmt: off
CIRCUITS = [
    Mutation("copies summed, not averaged, in the noise", "crossbar/white.py",
             "sum(axis=-1) / lines.layout.n_copies**2", "sum(axis=-1)",
             ENCODED + "test_copies_average_white_noise"),
    Mutation("a reference not subtracted", "crossbar/read.py",
             "acc[:, np.unique(read.out[: -read.n_reference])] += ",
             "acc[:, np.unique(read.out[: -read.n_reference])] += 0 * ",
             STEPPED + "[offset column]"),
    Mutation("converters shared by twice the bitlines", "crossbar/converting.py",
             "lines // setting.tiles.hardware.tile.bitlines_per_adc",
             "lines // (2 * setting.tiles.hardware.tile.bitlines_per_adc)",
             CONVERTING + "test_bitlines_that_share_a_converter_share_its_faults"),
    Mutation("all chips have the same converters", "crossbar/converting.py",
             '"program", setting.chip, owner.layer', '"program", 0, owner.layer',
             CONVERTING + "test_faults_belong_to_the_chip_and_the_tile_not_to_the_read"),
    Mutation("energy of pulses by the square", "crossbar/tally.py",
             "read.slices[index].tallied_power", "2",
             STEPPED + "[pulses]"),
    Mutation("voltages times what is there", "crossbar/voltage.py",
             "self.asked_S / np.where(conducts, actual_S, 1.0)", "np.ones_like(actual_S)",
             ENCODED + "test_an_open_bitline_divides_its_noise_by_its_conductance"),
    Mutation("segments below a tile forgotten", "crossbar/places.py",
             "wires.sense_ohm + below * wires.bitline_ohm", "wires.sense_ohm",
             WIRES + "test_unused_lines_at_one_end_are_in_series"),
    Mutation("second wordline of a cell at +V", "crossbar/places.py",
             "np.repeat([1.0, -1.0], len(first))", "np.repeat([1.0, 1.0], len(first))",
             WIRES + "test_noise_of_a_read_is_that_of_the_moved_circuit"),
    Mutation("gain of a pole the wrong way up", "crossbar/pole_gain.py",
             "meant / np.where(known, measured, 1.0)", "measured / meant",
             GAINS + "test_a_complex_gain_puts_the_whole_pole_right[A-split]"),
    Mutation("identity added twice", "runner/bound.py",
             "acc + self.identity * x", "acc + 2 * self.identity * x",
             STEPPED + "[identity and gains]"),
]
# fmt: on
