"""Gradients of the integer recurrence and of its rounding (run: make test-train)."""

from __future__ import annotations

import pathlib
import sys

import pytest

torch = pytest.importorskip("torch")
sys.path.insert(0, str(pathlib.Path(__file__).parent))

from integer_scan import IntegerScan  # noqa: E402
from straight_through import requantised, rounded  # noqa: E402


def limited(v: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """Clip; a state at its limit counts as clipped."""
    return torch.where((v > low) & (v < high), v, torch.clamp(v.detach(), low, high))


def step_by_step(u, a, b, c, scale, low, high, reads_new):  # type: ignore[no-untyped-def]
    """The scan in plain PyTorch, whose gradient is found by autograd."""
    xr = xi = torch.zeros(len(u), *a.shape[1:], dtype=torch.float64)
    out = []
    for k in range(u.shape[1]):
        before = c[0] * xr + c[1] * xi
        drive = u[:, k, None, :] * scale[1]
        re = (a[0] * xr + a[2] * xi) * scale[0] + b[0] * drive
        im = (a[1] * xr + a[3] * xi) * scale[0] + b[1] * drive
        xr, xi = (limited(rounded(v), low, high) for v in (re, im))
        out.append((c[0] * xr + c[1] * xi if reads_new else before).sum(dim=1))
    return torch.stack(out, dim=1)


def exact_scan(u, a, b, c, scale, *settings):  # type: ignore[no-untyped-def]
    """The scan without noise."""
    return IntegerScan.apply(u, a, b, c, scale, None, *settings)[0]


@pytest.mark.parametrize("reads_new", [True, False])
def test_gradient_of_the_scan_is_that_of_its_steps(reads_new: bool) -> None:
    torch.manual_seed(6)
    u = torch.randint(-9, 9, (3, 12, 4)).double()
    a = torch.randint(-70, 70, (4, 3, 4)).double()
    b, c = (torch.randint(-30, 30, (2, 3, 4)).double() for _ in range(2))
    scale = torch.tensor([[2.0**-7], [0.25]]).double().expand(2, 4).contiguous()
    weight = torch.randn(3, 12, 4, dtype=torch.float64)
    found = []
    for scan in (exact_scan, step_by_step):
        leaves = [t.clone().requires_grad_() for t in (u, a, b, c)]
        y = scan(*leaves, scale, -40.0, 39.0, reads_new)
        (y * weight).sum().backward()
        found.append([y.detach(), *(t.grad for t in leaves)])
    for one, other in zip(*found, strict=True):
        assert torch.allclose(one, other, rtol=1e-12, atol=1e-9)
    assert (found[0][0] != 0).any()


def test_a_code_at_its_limit_has_no_gradient_and_one_within_has_that_of_the_identity() -> None:
    x = torch.tensor([-100.0, 3.2, 100.0], dtype=torch.float64, requires_grad=True)
    requantised(x * 2.0, torch.tensor(1.0).double(), -8, 7).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0.0, 1.0, 0.0]


def test_an_accumulator_that_float64_does_not_hold_is_refused() -> None:
    with pytest.raises(ValueError, match=r"leaves 2\^53"):
        requantised(torch.tensor([2.0**53], dtype=torch.float64), torch.tensor(1.0), -8, 7)
