"""Widths of a quantised model, each tensor its own."""

from __future__ import annotations

import re

from pydantic import Field

from aimc_sim.spec import InputError, Spec, nearest, validate


class Bits(Spec):
    """Widths of a quantised model, each tensor its own.

    Parameters
    ----------
    a : int
        Grid of the poles (cartesian parts; or magnitude and phase).
    a_run : int, optional
        Cartesian integers that run, for a polar or log-polar grid; default 16.
    b, c, d : int
        Codes of B, C and D.
    state : int
        Codes of x.
    activations : int
        Signals between layers, tables and gates.
    weights : int
        Encoder, mixing layers and decoder.
    residual : int
        The residual stream and the output of mixing layers that feed it.
    input, pool, logits : int
        Input codes, pooled vector, output codes.
    """

    a: int = Field(default=12, ge=2, le=16)
    a_run: int | None = Field(default=None, ge=2, le=16)
    b: int = Field(default=8, ge=2, le=16)
    c: int = Field(default=8, ge=2, le=16)
    d: int = Field(default=8, ge=2, le=16)
    state: int = Field(default=16, ge=2, le=24)
    activations: int = Field(default=8, ge=2, le=16)
    weights: int = Field(default=8, ge=2, le=16)
    residual: int = Field(default=16, ge=2, le=24)
    input: int = Field(default=8, ge=2, le=16)
    pool: int = Field(default=16, ge=2, le=24)
    logits: int = Field(default=24, ge=2, le=32)


def parse_bits(text: str) -> Bits:
    """Return widths from ``a=8,state=16,...``; what is not named keeps its default.

    Examples
    --------
    >>> parse_bits("a=10,c=4").a, parse_bits("").state
    (10, 16)
    """
    tree: dict[str, int] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        found = re.fullmatch(r"([A-Za-z_]+)\s*=\s*(\d+)", part)
        key = found.group(1) if found else part.split("=")[0].strip()
        if found is None or key in tree or key not in Bits.model_fields:
            near = nearest(key, Bits.model_fields)
            hint = f"; did you mean {near!r}?" if near and near != key else ""
            raise InputError(
                f"--bits: found {part!r}{hint}; expected NAME=WIDTH, each name once, "
                f"of {', '.join(Bits.model_fields)}"
            )
        tree[key] = int(found.group(2))
    return validate(Bits, tree, "--bits")
