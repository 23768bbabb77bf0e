"""The arrays of one layer, each checked against what its header promises."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.model.archive import Archive
from aimc_sim.model.heads import (
    AffineHead,
    GLUHead,
    LayerHead,
    LayerNormHead,
    LinearHead,
    PoolHead,
    ResidualHead,
    S4DHead,
    TableHead,
)
from aimc_sim.model.layers import GLU, S4D, Affine, Layer, LayerNorm, Linear, Pool, Residual, Table
from aimc_sim.model.signal import Requant
from aimc_sim.spec import InputError


class LayerReader:
    """Reads the arrays of one layer, each checked against what its header promises."""

    def __init__(self, archive: Archive, head: LayerHead, n_in: int, used: set[str]) -> None:
        self.archive, self.head, self.n_in, self.used = archive, head, n_in, used

    def array(self, name: str, *shapes: tuple[int, ...], kind: str = "i") -> npt.NDArray[Any]:
        """Return ``<layer>.<name>``; its shape must be one of `shapes`."""
        full = f"{self.head.name}.{name}"
        if full not in self.archive.headers:
            raise self.archive.fail(full, f"is missing; expected shape {_or(shapes)}")
        shape, dtype = self.archive.headers[full]
        wanted = "iu" if kind == "i" else "f"
        if dtype.kind not in wanted or dtype == np.uint64:
            expected = "an integer dtype up to int64" if kind == "i" else "float64"
            raise self.archive.fail(full, f"found dtype {dtype}; expected {expected}")
        if shape not in shapes:
            raise self.archive.fail(full, f"found shape {shape}; expected {_or(shapes)}")
        self.used.add(full)
        values = self.archive.read(full)
        if kind == "f":
            if not np.isfinite(values).all():
                raise self.archive.fail(full, "holds NaN or infinity; expected finite numbers")
            return values.astype(np.float64)
        return values.astype(np.int64)

    def requant(self, n: int, suffix: str = "") -> Requant:
        """Return multiplier and shift, per tensor or per channel."""
        return Requant(self.array("m" + suffix, (), (n,)), self.array("k" + suffix, (), (n,)))

    def read(self) -> Layer:
        """Return the layer."""
        head, n = self.head, self.n_in
        name, source, output = head.name, head.input, head.output.signal()
        if isinstance(head, LinearHead):
            weight, bias = self.array("weight", (n, head.n_out)), self.array("bias", (head.n_out,))
            rq, times = self.requant(head.n_out), head.bias_times_length
            return Linear(name, source, weight, head.weight_bits, bias, rq, output, times)
        if isinstance(head, S4DHead):
            return self._s4d(head)
        if isinstance(head, AffineHead):
            m, k = self.array("m", (n,)), self.array("k", (), (n,))
            return Affine(name, source, m, k, self.array("bias", (n,)), output)
        if isinstance(head, TableHead):
            return Table(name, source, self._table(), output)
        if isinstance(head, GLUHead):
            return self._glu(head)
        if isinstance(head, ResidualHead):
            m, m_skip, k = (self.array(key, (), (n,)) for key in ("m", "m_skip", "k"))
            return Residual(name, source, head.skip, m, m_skip, k, output)
        if isinstance(head, LayerNormHead):
            gamma, beta = self.array("gamma", (n,), kind="f"), self.array("beta", (n,), kind="f")
            return LayerNorm(name, source, gamma, beta, head.epsilon, output)
        assert isinstance(head, PoolHead)
        return Pool(name, source, head.rule, head.m, head.k, output)

    def _glu(self, head: GLUHead) -> GLU:
        if self.n_in % 2:
            raise InputError(
                f"{self.archive.path}: header: layer {head.name!r}: found {self.n_in} "
                f"input channels; a GLU needs an even number"
            )
        table, rq = self._table(), self.requant(self.n_in // 2)
        return GLU(head.name, head.input, table, head.gate.signal(), rq, head.output.signal())

    def _table(self) -> npt.NDArray[np.int64]:
        """Return the table; its length 2^bits is checked where the input's width is known."""
        full = f"{self.head.name}.table"
        shape, _ = self.archive.headers.get(full, ((0,), None))
        sizes = [(1 << b,) for b in range(2, 17)]
        return self.array("table", shape if shape in sizes else sizes[6])

    def _s4d(self, head: S4DHead) -> S4D:
        H, M = self.n_in, (head.n_modes,)
        n_states = self.array("n_states", (H,))
        counts = [int(count) for count in n_states]
        if min(counts) < 0:
            raise self.archive.fail(
                f"{head.name}.n_states", f"found {min(counts)}; no entry may be negative"
            )
        if sum(counts) != head.n_modes:
            raise self.archive.fail(
                f"{head.name}.n_states",
                f"sums to {sum(counts)} modes; expected n_modes {head.n_modes} of the header",
            )
        codes: dict[str, Any] = {}
        for tensor in "ABC":
            codes[f"{tensor}_re"] = self.array(f"{tensor}_re", M)
            codes[f"{tensor}_im"] = self.array(f"{tensor}_im", M) if head.complex else None
        return S4D(
            name=head.name,
            input=head.input,
            n_states=n_states,
            D=self.array("D", (H,)),
            bits={str(k): v for k, v in head.bits.items()},
            requant_A=self.requant(H, "_A"),
            requant_B=self.requant(H, "_B"),
            requant_C=self.requant(H, "_C"),
            requant_D=self.requant(H, "_D"),
            state=head.state.signal(),
            output=head.output.signal(),
            readout=head.readout,
            tied=head.tied,
            grid=head.grid,
            **codes,
        )


def _or(shapes: tuple[tuple[int, ...], ...]) -> str:
    return " or ".join(str(shape) for shape in shapes)
