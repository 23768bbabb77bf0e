"""Threefry4x32-20 and Gaussians from it, compiled: no libm, no state, no order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit

Block = tuple[np.uint32, np.uint32, np.uint32, np.uint32]
Key = npt.NDArray[np.uint32]

_PARITY = np.uint32(0x1BD11BDA)
_SHIFT_BITS = np.int32(0x3F3504F3)  # bit pattern of sqrt(1/2) in float32
_ONE_BITS = np.int32(0x3F800000)
_MANTISSA = np.int32(0x007FFFFF)
_LN2 = np.float32(0.6931471805599453)
_U32_SCALE = np.float32(2.0**-32)
_QUARTER = np.float32(2.0**-30)


@njit(forceinline=True)
def _rotate(x: np.uint32, n: int) -> np.uint32:
    return np.uint32(np.uint32(x << np.uint32(n)) | np.uint32(x >> np.uint32(32 - n)))


@njit(forceinline=True)
def _mix(a: np.uint32, b: np.uint32, n: int) -> tuple[np.uint32, np.uint32]:
    a = np.uint32(a + b)
    return a, np.uint32(_rotate(b, n) ^ a)


@njit(forceinline=True)
def _four_rounds(x0: np.uint32, x1: np.uint32, x2: np.uint32, x3: np.uint32, even: bool) -> Block:
    if even:
        x0, x1 = _mix(x0, x1, 10)
        x2, x3 = _mix(x2, x3, 26)
        x0, x3 = _mix(x0, x3, 11)
        x2, x1 = _mix(x2, x1, 21)
        x0, x1 = _mix(x0, x1, 13)
        x2, x3 = _mix(x2, x3, 27)
        x0, x3 = _mix(x0, x3, 23)
        x2, x1 = _mix(x2, x1, 5)
    else:
        x0, x1 = _mix(x0, x1, 6)
        x2, x3 = _mix(x2, x3, 20)
        x0, x3 = _mix(x0, x3, 17)
        x2, x1 = _mix(x2, x1, 11)
        x0, x1 = _mix(x0, x1, 25)
        x2, x3 = _mix(x2, x3, 10)
        x0, x3 = _mix(x0, x3, 18)
        x2, x1 = _mix(x2, x1, 20)
    return x0, x1, x2, x3


@njit(forceinline=True)
def threefry4x32(
    c0: np.uint32,
    c1: np.uint32,
    c2: np.uint32,
    c3: np.uint32,
    k0: np.uint32,
    k1: np.uint32,
    k2: np.uint32,
    k3: np.uint32,
) -> Block:
    """Return one Threefry4x32-20 block: four uint32 from a counter and a key.

    Parameters
    ----------
    c0, c1, c2, c3, k0, k1, k2, k3 : uint32
        Counter and key words.

    Returns
    -------
    tuple of four uint32

    References
    ----------
    J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.
    """
    k4 = np.uint32(_PARITY ^ k0 ^ k1 ^ k2 ^ k3)
    x0, x1, x2, x3 = np.uint32(c0 + k0), np.uint32(c1 + k1), np.uint32(c2 + k2), np.uint32(c3 + k3)
    x0, x1, x2, x3 = _four_rounds(x0, x1, x2, x3, True)
    x0, x1, x2, x3 = (
        np.uint32(x0 + k1),
        np.uint32(x1 + k2),
        np.uint32(x2 + k3),
        np.uint32(x3 + k4 + np.uint32(1)),
    )
    x0, x1, x2, x3 = _four_rounds(x0, x1, x2, x3, False)
    x0, x1, x2, x3 = (
        np.uint32(x0 + k2),
        np.uint32(x1 + k3),
        np.uint32(x2 + k4),
        np.uint32(x3 + k0 + np.uint32(2)),
    )
    x0, x1, x2, x3 = _four_rounds(x0, x1, x2, x3, True)
    x0, x1, x2, x3 = (
        np.uint32(x0 + k3),
        np.uint32(x1 + k4),
        np.uint32(x2 + k0),
        np.uint32(x3 + k1 + np.uint32(3)),
    )
    x0, x1, x2, x3 = _four_rounds(x0, x1, x2, x3, False)
    x0, x1, x2, x3 = (
        np.uint32(x0 + k4),
        np.uint32(x1 + k0),
        np.uint32(x2 + k1),
        np.uint32(x3 + k2 + np.uint32(4)),
    )
    x0, x1, x2, x3 = _four_rounds(x0, x1, x2, x3, True)
    return (
        np.uint32(x0 + k0),
        np.uint32(x1 + k1),
        np.uint32(x2 + k2),
        np.uint32(x3 + k3 + np.uint32(5)),
    )


@njit(forceinline=True)
def _log_unit(u: np.float32) -> np.float32:
    """Natural logarithm of float32 in (0, 1]; error below 2e-7, by a polynomial of our own fit."""
    bits = np.float32(u).view(np.int32) + np.int32(_ONE_BITS - _SHIFT_BITS)
    exponent = np.float32((bits >> np.int32(23)) - np.int32(127))
    f = np.int32(np.int32(bits & _MANTISSA) + _SHIFT_BITS).view(np.float32) - np.float32(1.0)
    q = np.float32(-0.07866667956113815)
    q = q * f + np.float32(0.12821748852729797)
    q = q * f + np.float32(-0.131016343832016)
    q = q * f + np.float32(0.1418900042772293)
    q = q * f + np.float32(-0.1662759929895401)
    q = q * f + np.float32(0.2000196874141693)
    q = q * f + np.float32(-0.2500077188014984)
    q = q * f + np.float32(0.33333322405815125)
    q = q * f + np.float32(-0.4999999701976776)
    return f + f * f * q + exponent * _LN2


@njit(forceinline=True)
def _sine_cosine(word: np.uint32) -> tuple[np.float32, np.float32]:
    """Sine and cosine of a uniform angle: 30 bits inside a quadrant, 2 bits name the quadrant."""
    a = np.float32(np.int32(word & np.uint32(0x3FFFFFFF)) - np.int32(0x20000000)) * _QUARTER
    z = a * a
    s = np.float32(0.00015820653061382473)
    s = s * z + np.float32(-0.004681266378611326)
    s = s * z + np.float32(0.07969257980585098)
    s = s * z + np.float32(-0.6459640860557556)
    s = (s * z + np.float32(1.5707963705062866)) * a
    c = np.float32(0.00090362987248227)
    c = c * z + np.float32(-0.02086007036268711)
    c = c * z + np.float32(0.25366920232772827)
    c = c * z + np.float32(-1.2337005138397217)
    c = c * z + np.float32(1.0)
    swap = (word & np.uint32(0x40000000)) != np.uint32(0)
    flip = np.float32(-1.0) if (word & np.uint32(0x80000000)) != np.uint32(0) else np.float32(1.0)
    return (flip * (c if swap else s), flip * (-s if swap else c))


@njit(forceinline=True)
def _gaussian_pair(w0: np.uint32, w1: np.uint32) -> tuple[np.float32, np.float32]:
    """Box-Muller: two independent standard normal float32 from two uint32."""
    u = np.float32(w0) * _U32_SCALE + np.float32(0.5) * _U32_SCALE
    radius = np.sqrt(np.float32(-2.0) * _log_unit(min(u, np.float32(1.0))))
    s, c = _sine_cosine(w1)
    return radius * c, radius * s


@njit(forceinline=True)
def gaussian_block(
    key: Key, sequence: int, step: int, block: int
) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    """Return the four standard normals of one counter block.

    Parameters
    ----------
    key : uint32 array, shape (4,)
        Key of the stream (`aimc_sim.rng.stream_key`).
    sequence : int
        Index of the sequence in its data file, or 0 at programming.
    step : int
        Time step (64 bits).
    block : int
        Cell or bitline index divided by four; draw i is lane ``i % 4`` of block ``i // 4``.

    Returns
    -------
    tuple of four float32
    """
    low = np.uint32(np.uint64(step) & np.uint64(0xFFFFFFFF))
    high = np.uint32(np.uint64(step) >> np.uint64(32))
    w0, w1, w2, w3 = threefry4x32(
        np.uint32(sequence), low, high, np.uint32(block), key[0], key[1], key[2], key[3]
    )
    z0, z1 = _gaussian_pair(w0, w1)
    z2, z3 = _gaussian_pair(w2, w3)
    return z0, z1, z2, z3


@njit
def fill_gaussians(key: Key, sequence: int, step: int, out: npt.NDArray[np.float32]) -> None:
    """Fill `out` (float32, one-dimensional) with standard normals 0, 1, 2, ... of a counter."""
    n = out.shape[0]
    whole = n // 4
    for block in range(whole):
        z0, z1, z2, z3 = gaussian_block(key, sequence, step, block)
        out[4 * block] = z0
        out[4 * block + 1] = z1
        out[4 * block + 2] = z2
        out[4 * block + 3] = z3
    if 4 * whole < n:
        tail = gaussian_block(key, sequence, step, whole)
        for lane in range(n - 4 * whole):
            out[4 * whole + lane] = tail[lane]


@njit
def fill_words(key: Key, sequence: int, step: int, out: npt.NDArray[np.uint32]) -> None:
    """Fill `out` (uint32, shape (n, 4)) with raw Threefry blocks 0, 1, 2, ... of a counter."""
    low = np.uint32(np.uint64(step) & np.uint64(0xFFFFFFFF))
    high = np.uint32(np.uint64(step) >> np.uint64(32))
    for block in range(out.shape[0]):
        w0, w1, w2, w3 = threefry4x32(
            np.uint32(sequence), low, high, np.uint32(block), key[0], key[1], key[2], key[3]
        )
        out[block, 0] = w0
        out[block, 1] = w1
        out[block, 2] = w2
        out[block, 3] = w3
