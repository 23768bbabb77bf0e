"""The integer model once more, in torch float64: an independent check of the import.

    python examples/train/fakequant.py MODEL.npz DATA.npz [--store]

Reads the integer model file by the rules of docs/formats.md, shares no code with `aimc_sim`, and
computes in float64 with floor(v + 0.5) and the frozen integer multipliers. Every number it meets
is an integer below 2^53, so the arithmetic is exact; `rounded` refuses to go on where it is not.
It runs layer by layer over whole sequences, where the reference runs step by step.
With --store the logits go into the data file as `logits`, and the digest of the model, which is all
that is asked of `aimc_sim`, as `logits_model`; without, they are compared with those already there.
"""

from __future__ import annotations

import argparse
import json
import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

EXACT = 2.0**53


class FakeQuant:
    """A model file as float64 tensors.

    Parameters
    ----------
    path
        Integer model, `.npz`.
    """

    def __init__(self, path: pathlib.Path) -> None:
        with np.load(path, allow_pickle=False) as file:
            self.header = json.loads(str(file["header"][()]))
            names = [name for name in file.files if name != "header"]
            self.arrays = {name: torch.from_numpy(file[name].astype(np.float64)) for name in names}
        self.signals = {"input": self.header["input"]}
        self.signals |= {layer["name"]: layer["output"] for layer in self.header["layers"]}

    def __call__(self, x_code: Tensor, lengths: Tensor) -> Tensor:
        """Return output codes [sequence, class] of input codes [sequence, step, channel]."""
        steps = torch.arange(x_code.shape[1])
        valid = (steps < lengths[:, None]).double()[:, :, None]
        values = {"input": x_code}
        for layer in self.header["layers"]:
            name = layer["name"]
            prefix = name + "."
            own = {
                k.removeprefix(prefix): v for k, v in self.arrays.items() if k.startswith(prefix)
            }
            inputs = [values[layer["input"]]]
            if "skip" in layer:
                inputs.append(values[layer["skip"]])
            context = {"valid": valid, "lengths": lengths.double(), **self.context(layer)}
            values[name] = clipped(
                KINDS[layer["kind"]](layer, own, *inputs, context), layer["output"]
            )
        return values[self.header["layers"][-1]["name"]]

    def context(self, layer: dict[str, Any]) -> dict[str, Any]:
        """Return what a layer must know of its input's codes."""
        return {"first_code": code_range(self.signals[layer["input"]])[0]}


def code_range(signal: dict[str, Any]) -> tuple[int, int]:
    """Return the smallest and largest code of a signal."""
    if signal["signed"]:
        return -(2 ** (signal["bits"] - 1)), 2 ** (signal["bits"] - 1) - 1
    return 0, 2 ** signal["bits"] - 1


def clipped(x: Tensor, signal: dict[str, Any]) -> Tensor:
    """Clip to the code range of a signal."""
    return torch.clamp(x, *code_range(signal))


def rounded(numerator: Tensor, k: Tensor) -> Tensor:
    """Return floor(numerator/2^k + 1/2), exact because the sum stays below 2^53."""
    total = numerator + 2.0 ** (k - 1)
    if total.abs().max() >= EXACT:
        raise SystemExit("an accumulator leaves 2^53: float64 is not exact for this model")
    return torch.floor(total / 2.0**k)


def linear(layer: dict[str, Any], own: dict[str, Tensor], x: Tensor, context: Any) -> Tensor:
    """x @ weight + bias, requantised."""
    bias = own["bias"]
    if layer["bias_times_length"]:
        bias = bias * context["lengths"][:, None]
    return rounded((x @ own["weight"] + bias) * own["m"], own["k"])


def affine(layer: dict[str, Any], own: dict[str, Tensor], x: Tensor, context: Any) -> Tensor:
    """Folded BatchNorm: x*m + bias."""
    return rounded(x * own["m"] + own["bias"], own["k"])


def table(layer: dict[str, Any], own: dict[str, Tensor], x: Tensor, context: Any) -> Tensor:
    """Look the code up."""
    return own["table"][(x - context["first_code"]).long()]


def glu(layer: dict[str, Any], own: dict[str, Tensor], x: Tensor, context: Any) -> Tensor:
    """First half times the table of the second."""
    a, b = x.chunk(2, dim=-1)
    return rounded(a * table(layer, own, b, context) * own["m"], own["k"])


def residual(
    layer: dict[str, Any], own: dict[str, Tensor], x: Tensor, skip: Tensor, context: Any
) -> Tensor:
    """x*m + skip*m_skip, one shift."""
    return rounded(x * own["m"] + skip * own["m_skip"], own["k"])


def layernorm(layer: dict[str, Any], own: dict[str, Tensor], x: Tensor, context: Any) -> Tensor:
    """LayerNorm in the float64 order of docs/formats.md."""
    n = x.shape[-1]
    deviation = n * x - x.sum(dim=-1, keepdim=True)
    variance = (deviation * deviation).sum(dim=-1, keepdim=True) / float(n**3) + layer["epsilon"]
    z = (deviation / float(n)) / torch.sqrt(variance)
    return torch.floor(z * own["gamma"] + own["beta"] + 0.5)


def pool(layer: dict[str, Any], own: dict[str, Tensor], x: Tensor, context: Any) -> Tensor:
    """Sum, rounded mean or last of the valid steps."""
    lengths = context["lengths"][:, None]
    if layer["rule"] == "last":
        return x[torch.arange(len(x)), context["lengths"].long() - 1]
    total = (x * context["valid"]).sum(dim=1)
    if layer["rule"] == "sum":
        return total
    scale = 2.0 ** layer["k"]
    return torch.floor((2 * total * layer["m"] + lengths * scale) / (2 * lengths * scale))


def s4d(layer: dict[str, Any], own: dict[str, Tensor], u: Tensor, context: Any) -> Tensor:
    """The recurrence, step by step, each state rounded and clipped."""
    channel = torch.repeat_interleave(torch.arange(u.shape[2]), own["n_states"].long())
    zero = torch.zeros(len(channel), dtype=torch.float64)
    a_re, b_re, c_re = own["A_re"], own["B_re"], own["C_re"]
    a_im, b_im, c_im = (own.get(f"{name}_im", zero) for name in "ABC")
    k_x, k_y = torch.maximum(own["k_A"], own["k_B"]), torch.maximum(own["k_C"], own["k_D"])
    gain_a, gain_b, shift_x = (
        v.expand(u.shape[2])[channel]
        for v in (
            own["m_A"] * 2.0 ** (k_x - own["k_A"]),
            own["m_B"] * 2.0 ** (k_x - own["k_B"]),
            k_x,
        )
    )
    gain_c = own["m_C"] * 2.0 ** (k_y - own["k_C"]) * (2 if layer["complex"] else 1)
    gain_d = own["m_D"] * 2.0 ** (k_y - own["k_D"])
    sum_modes = torch.zeros(len(channel), u.shape[2], dtype=torch.float64)
    sum_modes[torch.arange(len(channel)), channel] = 1.0
    re = im = torch.zeros(len(u), len(channel), dtype=torch.float64)
    y = torch.empty_like(u)
    for t in range(u.shape[1]):
        seen = c_re * re - c_im * im
        drive = u[:, t][:, channel]
        re, im = (
            clipped(rounded(product * gain_a + b * drive * gain_b, shift_x), layer["state"])
            for product, b in ((a_re * re - a_im * im, b_re), (a_re * im + a_im * re, b_im))
        )
        if layer["readout"] == "new":
            seen = c_re * re - c_im * im
        y[:, t] = rounded((seen @ sum_modes) * gain_c + own["D"] * u[:, t] * gain_d, k_y)
    return y


KINDS: dict[str, Callable[..., Tensor]] = {
    "linear": linear,
    "affine": affine,
    "table": table,
    "glu": glu,
    "residual": residual,
    "layernorm": layernorm,
    "pool": pool,
    "s4d": s4d,
}


def input_codes(inputs: np.ndarray, signal: dict[str, Any]) -> Tensor:
    """Return codes: integer inputs are codes already, float inputs are rounded and clipped."""
    values = torch.from_numpy(inputs.astype(np.float64))
    if inputs.dtype.kind in "iu":
        return values
    return clipped(torch.floor(values / signal["scale"] + 0.5), signal)


@torch.no_grad()
def logits_of_file(model: FakeQuant, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Return int64 logits [sequence, class] of the arrays of a data file."""
    inputs = arrays["inputs"]
    full = np.full(len(inputs), inputs.shape[1])
    lengths = torch.from_numpy(arrays.get("lengths", full).astype(np.int64))
    codes = input_codes(inputs, model.header["input"])
    return model(codes, lengths).numpy().astype(np.int64)


def main() -> None:
    """Compute the logits of a data file, then store or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--store", action="store_true", help="write the logits into the data file")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with np.load(args.data, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    logits = logits_of_file(FakeQuant(args.model), arrays)
    right = np.mean(np.argmax(logits, axis=1) == arrays["labels"])
    print(f"{args.model.name}: accuracy {right:.4f} on {len(logits)} sequences of {args.data.name}")
    if args.store:
        from aimc_sim import load_model

        stored = {"logits": logits, "logits_model": np.array(load_model(args.model).digest)}
        np.savez_compressed(args.data, allow_pickle=False, **{**arrays, **stored})
    elif "logits" in arrays:
        n_wrong = int(np.sum(np.any(logits != arrays["logits"], axis=1)))
        print("equal to the stored logits" if n_wrong == 0 else f"{n_wrong} sequences differ")
        raise SystemExit(1 if n_wrong else 0)


if __name__ == "__main__":
    main()
