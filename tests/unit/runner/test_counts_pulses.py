"""What bit pulses, adaptive converters and skipped zeros are counted as, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.analysis.random_codes import one_layer, random_codes
from aimc_sim.converters import BitPulseDac
from aimc_sim.crossbar.tile import program
from aimc_sim.data import Data
from aimc_sim.mapping.mapper import map_model
from aimc_sim.runner.run import run
from tests.generate import random_model
from tests.laws.build import hardware_of, program_model, random_data

PULSES = {"kind": "bit_pulse", "bits": 4, "v_read_V": 0.5, "polarity": "sign_magnitude",
          "t_pulse_s": 2.0e-9, "t_integrate_s": 1.0e-9, "halve_above": 3}  # fmt: skip
ADAPTIVE = {"kind": "uniform", "bits": 10, "resolves": "remaining"}


def events_of(x_code, dac, adc=ADAPTIVE, n_out=5, **options):
    """Counts and array reads of one linear layer of 8-bit inputs on one tile, one step."""
    x = np.asarray(x_code, dtype=np.int64)
    weight = np.arange(1, x.shape[1] * n_out + 1).reshape(x.shape[1], n_out) % 100
    model = one_layer(weight, 8, 8)
    hardware = hardware_of(tile=(16, 16), dac=dac, adc=adc, **options)
    tiles = program(map_model(model, hardware), hardware, seed=1)
    data = Data(x[:, None, :], np.ones(len(x), dtype=np.int64))
    return run(model, tiles, data, seed=1).events


def test_counts_of_two_phases():
    events = events_of([[5, -3, 0]], PULSES)
    n_wl, n_bl, widths = 3, 5, (3, 4)
    assert events.total("dac.convert") == events.total("line.switch") == n_wl * sum(widths)
    assert events.total("sample_hold.hold") == n_bl * sum(widths)
    assert events.total("integrator.step") == n_bl * (7 + 15)
    assert events.total("adc.step") == n_bl * (10 + 6)
    assert events.total("adc.convert") == n_bl * 2
    assert events.total("crossbar.mvm") == 2
    assert events.total("router.bit") == events.total("bus.bit") > 0


def test_array_energy_goes_with_the_bits_that_are_set():
    events = events_of([[5, -3, 0], [127, 8, -128]], PULSES)
    x2 = np.sum([reads.x2 for reads in events.arrays.values()], axis=0)
    set_bits = [2 + 7, 2 + 1, 0 + 1]  # 5 and 127, -3 and 8, 0 and -128
    assert x2[:3].tolist() == set_bits
    for reads in events.arrays.values():
        assert (reads.v_lsb_V, reads.t_code_s) == (0.5, 2.0e-9)


@pytest.mark.parametrize("dac", [PULSES, {"kind": "uniform", "bits": 8, "v_read_V": 0.2}])
def test_a_converter_that_skips_zeros_counts_the_rest(dac):
    codes = [[5, -3, 0], [0, 0, 0], [1, 64, -128]]
    events = events_of(codes, dac | {"zero_skipping": True})
    bits = sum(abs(code).bit_count() for row in codes for code in row)
    nonzero = sum(code != 0 for row in codes for code in row)
    expected = bits if dac is PULSES else nonzero
    assert events.total("dac.convert") == events.total("line.switch") == expected
    never = events_of(codes, dac)
    every = 3 * 3 * (7 if dac is PULSES else 1)
    assert never.total("dac.convert") == every
    for action in ("adc.convert", "sample_hold.hold", "adc.step", "crossbar.mvm", "crossbar.x2"):
        assert events.total(action) == never.total(action)


def test_skipped_zeros_add_over_steps_batches_and_chips():
    rng = np.random.default_rng(3)
    model = random_model(rng, max_channels=3, activation_bits=(4, 8), state_bits=(4, 10))
    data = random_data(rng, model, 5, 6)
    dac = {"kind": "uniform", "bits": 4, "v_read_V": 0.2}
    every, skipping = (
        hardware_of(tile=(16, 20), dac=dac | {"zero_skipping": skips}) for skips in (False, True)
    )
    n_every, n_left = (
        run(model, program_model(model, hardware, n_chips=2), data, seed=1).events.total(
            "dac.convert"
        )
        for hardware in (every, skipping)
    )
    assert n_left < n_every
    tiles = program_model(model, skipping, n_chips=2)
    whole = run(model, tiles, data, seed=1)
    first = run(model, tiles, data.steps(0, 2), seed=1)
    rest = run(model, tiles, data.steps(2, 6), seed=1, state=first.state)
    assert first.events + rest.events == whole.events
    assert run(model, tiles, data, seed=1, batch_size=2).events == whole.events


def test_random_codes_have_half_of_their_bits_set():
    dac = BitPulseDac(**PULSES)
    for bits in (2, 5, 8):
        codes = random_codes(0, "inputs", 200, 128, bits, "uniform")
        n = sum(np.bitwise_count(part.of(codes)).sum() for part in dac.slices(bits, True))
        trials = codes.size * (bits - 1)
        assert abs(n - trials / 2) < 4.5 * np.sqrt(trials / 4)
