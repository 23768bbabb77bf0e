"""Threefry4x32-20 in Python integers and Gaussians in NumPy float32: the kernels' plain double."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

MASK = 0xFFFFFFFF
ROTATIONS = ((10, 26), (11, 21), (13, 27), (23, 5), (6, 20), (17, 11), (25, 10), (18, 20))
F32 = np.float32

LOG_COEFFICIENTS = (
    -0.07866667956113815,
    0.12821748852729797,
    -0.131016343832016,
    0.1418900042772293,
    -0.1662759929895401,
    0.2000196874141693,
    -0.2500077188014984,
    0.33333322405815125,
    -0.4999999701976776,
)
SINE_COEFFICIENTS = (
    0.00015820653061382473,
    -0.004681266378611326,
    0.07969257980585098,
    -0.6459640860557556,
    1.5707963705062866,
)
COSINE_COEFFICIENTS = (
    0.00090362987248227,
    -0.02086007036268711,
    0.25366920232772827,
    -1.2337005138397217,
    1.0,
)


def threefry(counter: Sequence[int], key: Sequence[int]) -> list[int]:
    """Return one block, after Salmon et al., SC 2011: 20 rounds, a key injection every fourth."""
    keys = [int(k) for k in key]
    parity = 0x1BD11BDA
    for word in keys:
        parity ^= word
    keys.append(parity)
    x = [(int(c) + k) & MASK for c, k in zip(counter, keys[:4], strict=True)]
    for r in range(20):
        pairs = ((0, 1), (2, 3)) if r % 2 == 0 else ((0, 3), (2, 1))
        for (a, b), turn in zip(pairs, ROTATIONS[r % 8], strict=True):
            x[a] = (x[a] + x[b]) & MASK
            x[b] = ((x[b] << turn | x[b] >> (32 - turn)) & MASK) ^ x[a]
        if r % 4 == 3:
            injection = r // 4 + 1
            x = [(x[i] + keys[(injection + i) % 5]) & MASK for i in range(4)]
            x[3] = (x[3] + injection) & MASK
    return x


def words(key: Sequence[int], sequence: int, step: int, n: int) -> npt.NDArray[np.uint32]:
    """Return blocks 0 .. n-1 of counter (sequence, step low, step high, block)."""
    blocks = [threefry((sequence, step & MASK, step >> 32, block), key) for block in range(n)]
    return np.array(blocks, dtype=np.uint32).reshape(n, 4)


def horner(coefficients: Sequence[float], x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Evaluate a polynomial in float32, highest power first, one rounding an operation."""
    total = np.full_like(x, F32(coefficients[0]))
    for coefficient in coefficients[1:]:
        total = total * x + F32(coefficient)
    return total


def log_unit(u: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return ln u from exponent and mantissa, the mantissa centred on 1."""
    half = np.int32(0x3F3504F3)
    bits = u.view(np.int32) + (np.int32(0x3F800000) - half)
    exponent = ((bits >> 23) - np.int32(127)).astype(np.float32)
    f = ((bits & np.int32(0x007FFFFF)) + half).view(np.float32) - F32(1.0)
    return f + f * f * horner(LOG_COEFFICIENTS, f) + exponent * F32(np.log(2.0))


def gaussian_pairs(
    w0: npt.NDArray[np.uint32], w1: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return two normals of each word pair by Box and Muller."""
    u = w0.astype(np.float32) * F32(2.0**-32) + F32(2.0**-33)
    radius = np.sqrt(F32(-2.0) * log_unit(np.minimum(u, F32(1.0))))
    angle = ((w1 & np.uint32(0x3FFFFFFF)).astype(np.int32) - np.int32(0x20000000)).astype(
        np.float32
    ) * F32(2.0**-30)
    sine = horner(SINE_COEFFICIENTS, angle * angle) * angle
    cosine = horner(COSINE_COEFFICIENTS, angle * angle)
    swap = (w1 & np.uint32(0x40000000)) != 0
    flip = np.where(w1 & np.uint32(0x80000000), F32(-1.0), F32(1.0))
    return (
        radius * (flip * np.where(swap, -sine, cosine)),
        radius * (flip * np.where(swap, cosine, sine)),
    )


def gaussians(key: Sequence[int], sequence: int, step: int, n: int) -> npt.NDArray[np.float32]:
    """Return normals 0 .. n-1: lane i % 4 of block i // 4."""
    w = words(key, sequence, step, (n + 3) // 4)
    z0, z1 = gaussian_pairs(w[:, 0], w[:, 1])
    z2, z3 = gaussian_pairs(w[:, 2], w[:, 3])
    return np.stack([z0, z1, z2, z3], axis=1).reshape(-1)[:n]
