"""Tests of noise in the loop, against runs of the simulator (run: make test-train)."""

from __future__ import annotations

import pathlib
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")
sys.path.insert(0, str(pathlib.Path(__file__).parent))

from disturbance import ChipErrors, GaussianErrors, Target, disturb, programmed  # noqa: E402
from integer_model import IntegerModel, load_trainable  # noqa: E402
from integer_scan import IntegerScan  # noqa: E402
from read_noise import Reads, reads_of, set_reads  # noqa: E402

from aimc_sim import load_chip, load_data, run  # noqa: E402
from aimc_sim.analysis.device_moments import device_moments  # noqa: E402
from aimc_sim.model.reference import run_reference  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
ANALOG = {
    "hardware.mapping.s4d": "split",
    "hardware.mapping.a_stored": "A_minus_I",
    "hardware.mapping.window": "mode",
    "hardware.mapping.allow_narrow_state": True,
    "hardware.adc.range_factor": 2.0,
    "hardware.calibration.kind": "none",
}
QUIET = {
    f"hardware.effects.{name}": False
    for name in ("programming", "flicker_frozen", "flicker_correlated")
}


def digits() -> IntegerModel:
    """The bundled spoken-digits model."""
    return load_trainable(ROOT / "examples/models/digits.npz")


def reads_on(net: IntegerModel, changes: dict[str, object]) -> tuple[object, dict[str, Reads]]:
    """A chip with nothing but read noise and converters, and what the kit makes of them."""
    chip = load_chip(ROOT / "examples/chips/pcm_256.yaml", ANALOG | QUIET | changes)
    tiles = programmed(net, chip, 1, 1, 0.0)
    return tiles, reads_of(net, tiles, 0.0, device_moments(tiles, 0.0))


@pytest.mark.parametrize(
    "changes",
    [
        {"hardware.effects.read_white": False, "hardware.effects.flicker_white": False},
        {
            "hardware.adc": {"kind": "ideal"},
            "hardware.device": "gaussian",
            "hardware.device.white_law": {
                "sigma_S": 1.0e-7,
                "source": {"cite": "this test", "grade": "assumed"},
            },
            "hardware.effects.drift": False,
        },
    ],
    ids=["converters", "read noise"],
)
def test_noise_in_the_loop_has_the_power_of_that_of_a_run(changes: dict[str, object]) -> None:
    """Powers of errors agree at a linear layer and at a wholly analog S4D layer."""
    net = digits()
    tiles, reads = reads_on(net, changes)
    data = load_data(ROOT / "examples/data/digits_test.npz", net.model).rows(0, 24)
    valid = np.arange(data.x_code.shape[1]) < data.lengths[:, None]
    names = ("encoder", "s4d0")
    exact = run_reference(net.model, data.x_code, data.lengths, probes=names).probes
    found = run(net.model, tiles, data, seed=1, probes=names).probes
    torch.manual_seed(2)
    set_reads(net, reads)
    x, lengths = torch.from_numpy(data.x_code.astype(np.float64)), torch.from_numpy(data.lengths)
    with torch.no_grad():
        drawn = {name: codes.numpy() for name, codes in net.codes(x, lengths)}
    for name in names:
        of_run = np.square(found[name][0][valid].astype(np.float64) - exact[name][valid]).mean()
        of_kit = np.square(drawn[name][valid] - exact[name][valid]).mean()
        assert of_run > 0.0
        assert of_kit == pytest.approx(of_run, rel=0.2), name


def test_noise_of_the_scan_has_the_variance_asked_for() -> None:
    torch.manual_seed(5)
    n_modes, n_channels, n_steps = 2, 4, 4000
    u = torch.full((1, n_steps, n_channels), 3.0).double()
    a, b = torch.zeros(4, n_modes, n_channels).double(), torch.ones(2, n_modes, n_channels).double()
    c = torch.zeros(2, n_modes, n_channels).double()
    c[0, 0] = 1.0
    variances = torch.zeros(10, n_modes, n_channels).double()
    variances[4], variances[6] = 4.0, 100.0
    scale = torch.ones(2, n_channels).double()
    noise = (variances, torch.randn(1 << 16).double())
    seen, _ = IntegerScan.apply(u, a, b, c, scale, noise, -1e4, 1e4, True)
    expected = 4.0 * 9.0 + 100.0 + 1.0 / 12.0
    n = seen.numel()
    assert float(seen.mean() - 3.0) == pytest.approx(0.0, abs=4.5 * (expected / n) ** 0.5)
    assert float(seen.var()) == pytest.approx(expected, rel=4.5 * (2.0 / n) ** 0.5)
    assert float(torch.corrcoef(seen[0].T)[0, 1]) == pytest.approx(0.0, abs=4.5 * n_steps**-0.5)
    lagged = torch.corrcoef(torch.stack([seen[0, 1:, 0], seen[0, :-1, 0]]))[0, 1]
    assert float(lagged) == pytest.approx(0.0, abs=4.5 * n_steps**-0.5)


def test_the_readout_knows_the_variance_of_its_reads() -> None:
    u = torch.full((1, 3, 1), 2.0).double()
    a, b, c = torch.zeros(4, 1, 1), torch.ones(2, 1, 1), torch.ones(2, 1, 1)
    variances = torch.zeros(10, 1, 1).double()
    variances[8], variances[9] = 0.5, 0.25
    noise = (variances, torch.zeros(8).double())
    scale = torch.ones(2, 1).double()
    _, spread = IntegerScan.apply(
        u, a.double(), b.double(), c.double(), scale, noise, -100.0, 100.0, True
    )
    assert spread.flatten().tolist() == [3.0, 3.0, 3.0]


def test_a_converter_clips_what_its_range_does_not_hold() -> None:
    net = digits()
    _, reads = reads_on(net, {"hardware.adc.range_factor": 0.05})
    part = net.parts["encoder"]
    x = torch.full((1, 1, part.layer.weight.shape[0]), 100.0).double()
    total = x @ part.weight()
    set_reads(net, {"encoder": Reads({}, reads["encoder"].full_scale)})
    clipped = part.converted(x, total).detach()
    assert torch.equal(clipped.abs(), torch.minimum(total.abs(), part.full_scale))
    assert (clipped != total).any()


def test_chips_repeat_by_name_and_grow_over_the_ramp() -> None:
    net = digits()
    chip = load_chip(ROOT / "examples/chips/pcm_256.yaml", ANALOG)
    x = torch.full((2, 6, 13), 40.0).double()
    lengths = torch.tensor([6, 6])

    def logits(errors: ChipErrors, epoch: int, batch: int) -> torch.Tensor:
        errors(epoch, 0)
        errors(epoch, batch)
        return net(x, lengths).detach()

    one, two = (ChipErrors(net, Target(chip, n_chips=3, ramp_epochs=4)) for _ in range(2))
    assert torch.equal(logits(one, 1002, 1), logits(two, 1002, 1))
    assert not torch.equal(logits(one, 1002, 1), logits(one, 1002, 2))
    logits(one, 1000, 1)
    small = net.parts["s4d0"].errors["A"].abs().mean()
    logits(one, 1003, 1)
    assert 3.0 < float(net.parts["s4d0"].errors["A"].abs().mean() / small) < 5.0
    disturb(net, None)
    assert not net.parts["s4d0"].errors
    assert not net.parts["encoder"].variances


def test_gaussian_errors_have_the_spread_asked_for() -> None:
    net = digits()
    GaussianErrors(net, {"weight": 0.04, "A": 0.0})(3, 5)
    part = net.parts["linear1"] if "linear1" in net.parts else net.parts["encoder"]
    found = part.errors["weight"] / part.weight().detach().abs().max()
    n = found.numel()
    assert float(found.std()) == pytest.approx(0.04, rel=4.5 * (0.5 / n) ** 0.5)
    assert not net.parts["s4d0"].errors["A"].any()
    net(torch.ones(1, 3, 13).double(), torch.tensor([3])).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
