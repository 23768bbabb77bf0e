"""The diagonal kernel of an S4D layer under the names that the reference code gave it over time.

Which version wrote a state dict follows from the name of the real part; `VARIANTS` lists them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from aimc_sim.model.architecture import Architecture
from aimc_sim.model.float_model import Complexes, Diagonal
from aimc_sim.model.signal import Floats
from aimc_sim.model.tensors import Tensors

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True)
class Variant:
    """What a version of the code makes of its tensors.

    Parameters
    ----------
    code : str
        File and version.
    a_imag_sign : {1, -1}
        A = -exp(real part) + i sign A_imag.
    discretization : {"zoh", "bilinear"}
        What that code does where nobody says otherwise.
    """

    code: str
    a_imag_sign: Literal[1, -1]
    discretization: Literal["zoh", "bilinear"]


VARIANTS = {
    "log_A_real": Variant("s4d.py", 1, "zoh"),
    "A_real": Variant("the full s4.py, version 4", -1, "zoh"),
    "inv_A_real": Variant("the full s4.py, version 3", 1, "bilinear"),
}
"""Name of the real part of A to what wrote it."""
_PLACE = re.compile(rf"((?:layer\.)?)(kernel(?:\.kernel)?)\.({'|'.join(VARIANTS)})")


@dataclass(frozen=True)
class Place:
    """Where the kernel of one layer stands.

    Parameters
    ----------
    D, kernel : str
        Key of D, and what stands before C, B, A and dt.
    real : str
        Name of the real part, a key of `VARIANTS`.
    """

    D: str
    kernel: str
    real: str

    @property
    def variant(self) -> Variant:
        """What wrote it."""
        return VARIANTS[self.real]


def place_of(tensors: Tensors, layer: str) -> Place:
    """Return where the kernel of a layer such as `s4_layers.0` stands.

    Without one it is that of `s4d.py`, whose keys are then told to be missing.

    Raises
    ------
    InputError
        There are two real parts.
    """
    start = layer + "."
    found = {
        key: match.groups()
        for key in sorted(tensors.tensors)
        if key.startswith(start) and (match := _PLACE.fullmatch(key, len(start)))
    }
    if len(found) > 1:
        first, second, *_ = found
        raise tensors.fail(second, f"found beside {first!r}; expected one of them")
    within, kernel, real = next(iter(found.values()), ("", "kernel", "log_A_real"))
    return Place(f"{layer}.{within}D", f"{layer}.{within}{kernel}", real)


def read_diagonal(tensors: Tensors, place: Place, H: int, arch: Architecture) -> Diagonal:
    """Return the diagonal system, with every imaginary part of A made non-negative.

    Parameters
    ----------
    tensors : Tensors
        Those of the checkpoint.
    place : Place
        Where the kernel stands.
    H : int
        Channels.
    arch : Architecture
        Gives `a_imag_sign` and `discretization`.

    Raises
    ------
    InputError
        A tensor is missing or wrong, or there is more than one kernel a channel.

    Notes
    -----
    A mode and its conjugate have the same real part, so both signs give the same system. A
    bilinear system ``Abar = (1 + dt A/2)/(1 - dt A/2)``, ``C' = C B dt/(1 - dt A/2)`` is the
    zero-order hold of ``A2 = log(Abar)/dt`` with ``C A2/A``.
    """
    real_key = f"{place.kernel}.{place.real}"
    real = tensors.take(real_key, (None, None))
    S, M = real.shape
    if S == 0 or H % S:
        raise tensors.fail(
            real_key, f"found shape {real.shape}; expected ({H}, any), or rows that divide {H}"
        )
    imag = _rows(arch.a_imag_sign * tensors.take(f"{place.kernel}.A_imag", (S, M)), H)
    C = _complex(tensors.take(f"{place.kernel}.C", (H, M, 2), (1, H, M, 2)).reshape(H, M, 2))
    B = _read_b(tensors, f"{place.kernel}.B", (H, M), S)
    names = [f"{place.kernel}.{name}" for name in ("inv_dt", "log_dt")]
    dt_key = names[0] if names[0] in tensors else names[1]
    log_dt = tensors.take(dt_key, (H,), (H, 1)).reshape(H)
    for key, value in ((dt_key, log_dt), (real_key, real)):
        if np.abs(value).max(initial=0.0) > 50:
            worst = value.flat[np.abs(value).argmax()]
            raise tensors.fail(key, f"found {worst:g}; allowed -50..50")
    A = -np.exp(_rows(real, H)) + 1j * np.abs(imag)
    B, C = (np.where(imag < 0, v.conj(), v) for v in (B, C))
    dt = np.exp(log_dt)
    if arch.discretization == "bilinear":
        A, C = _held(A, C, dt)
        if not np.isfinite(A).all():
            raise tensors.fail(real_key, "gives a bilinear pole at 0; expected dt A other than -2")
    return Diagonal(A, B, C, dt, tensors.take(place.D, (H,), (1, H)).reshape(H))


def _read_b(tensors: Tensors, key: str, shape: tuple[int, int], n_systems: int) -> Complexes:
    """Return B (H, M), real or complex, a row for each channel or for each system; 1 if missing."""
    H, M = shape
    if key not in tensors:
        return np.ones(shape, dtype=np.complex128)
    rows = tuple(dict.fromkeys((H, n_systems)))
    stored = tensors.take(
        key,
        *((n, M) for n in rows),
        *((n, M, 2) for n in rows),
        *((1, n, M, 2) for n in rows),
    )
    return _rows(_complex(stored[0] if stored.ndim == 4 else stored), H)


def _held(A: Complexes, C: Complexes, dt: Floats) -> tuple[Complexes, Complexes]:
    """Return A and C whose zero-order hold is the bilinear system of these."""
    half = A * dt[:, None] / 2
    with np.errstate(divide="ignore", invalid="ignore"):  # a pole at 0 is refused by the caller
        held = np.asarray(np.log((1 + half) / (1 - half)) / dt[:, None], dtype=np.complex128)
        return held, np.asarray(C * held / A)


def _rows(array: npt.NDArray[Number], H: int) -> npt.NDArray[Number]:
    """Repeat rows that channels share, in the reference code's order, until there are H."""
    return np.tile(array, (H // len(array), 1))


def _complex(tensor: Floats) -> Complexes:
    if tensor.ndim == 2:
        return tensor.astype(np.complex128)
    return np.asarray(tensor[..., 0] + 1j * tensor[..., 1])
