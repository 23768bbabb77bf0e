"""SRAM of digital baselines: energy, area and leakage by size and node, from CACTI."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from aimc_sim.spec import InputError

SIZES_KB = (1, 2, 8, 32, 64, 256, 1024)
"""Sizes of the macros; the first two have words of 32 bits, the others of 64."""
TABLE = {  # read and write of a word [pJ], area [mm2], leakage [mW]
    65: ((1.811, 5.259, 0.007828, 0.0003027), (2.961, 5.854, 0.01369, 0.0004732),
         (11.13, 14.69, 0.05481, 0.001777), (30.1, 28.69, 0.1979, 0.006116),
         (47.04, 37.3, 0.4362, 0.0108), (100.6, 73.1, 1.744, 0.03963),
         (174.5, 146.1, 6.809, 0.1577)),
    45: ((1.324, 2.065, 0.003432, 3.532e-05), (2.232, 2.635, 0.00722, 7.525e-05),
         (6.137, 7.878, 0.02627, 0.0002568), (17.04, 15.4, 0.09486, 0.0009239),
         (25.87, 19.65, 0.209, 0.00167), (44.72, 38.49, 0.8721, 0.006681),
         (93.52, 76.18, 3.263, 0.02496)),
    32: ((0.7112, 1.108, 0.001736, 6.582e-05), (1.212, 1.401, 0.003656, 0.0001375),
         (3.443, 4.272, 0.01329, 0.00045), (8.257, 7.461, 0.0566, 0.001602),
         (12.87, 10.77, 0.1244, 0.00289), (26.82, 21.33, 0.4783, 0.01066),
         (52.03, 41.23, 1.65, 0.04191)),
    22: ((0.3039, 0.4512, 0.0008174, 0.0002702), (0.5287, 0.5662, 0.00172, 0.0005387),
         (1.59, 1.771, 0.006265, 0.001617), (3.786, 3.104, 0.02669, 0.005456),
         (5.67, 4.427, 0.0586, 0.00977), (11.86, 8.825, 0.2253, 0.03537),
         (23.47, 17.5, 0.7785, 0.1379)),
}  # fmt: skip
"""CACTI 7 as run by others (sram_cacti, computed)."""
_WORD_BITS = (32, 32, 64, 64, 64, 64, 64)


@dataclass(frozen=True)
class Sram:
    """A memory of some size.

    Parameters
    ----------
    read_bit_J, write_bit_J : float
        Of one bit [J].
    area_m2, leakage_W : float
        Of all of it [m2, W].
    """

    read_bit_J: float
    write_bit_J: float
    area_m2: float
    leakage_W: float


def sram(n_bits: int, node_nm: int) -> Sram:
    """Return the memory that holds some bits.

    Parameters
    ----------
    n_bits : int
        What it holds, >= 0.
    node_nm : int
        Node of the table [nm].

    Raises
    ------
    InputError
        A node that is not in the table.

    Notes
    -----
    Between the sizes of the table power laws; below the smallest one that; above the largest,
    several of those.

    References
    ----------
    .. [1] CACTI 7, at 65, 45, 32 and 22 nm.

    Examples
    --------
    >>> whole = sram(8192 * 8, 22)
    >>> round(whole.read_bit_J * 64 * 1e12, 3), round(whole.area_m2 * 1e6, 6)
    (1.59, 0.006265)
    """
    if node_nm not in TABLE:
        raise InputError(
            f"node_nm: found {node_nm:g}; SRAM is known at {', '.join(map(str, TABLE))} nm"
        )
    rows = TABLE[node_nm]
    size_KB = n_bits / 8192.0
    n_macros = max(math.ceil(size_KB / SIZES_KB[-1]), 1)
    each_KB = max(size_KB / n_macros, float(SIZES_KB[0]))
    columns = list(zip(*rows, strict=True))
    read, write = (
        [pJ / bits for pJ, bits in zip(column, _WORD_BITS, strict=True)] for column in columns[:2]
    )
    return Sram(
        1.0e-12 * _at(each_KB, read),
        1.0e-12 * _at(each_KB, write),
        1.0e-6 * n_macros * _at(each_KB, columns[2]),
        1.0e-3 * n_macros * _at(each_KB, columns[3]),
    )


def _at(size_KB: float, values: Sequence[float]) -> float:
    """Return a value at a size, by a power law between the sizes of the table."""
    i = max(sum(size <= size_KB for size in SIZES_KB) - 1, 0)
    if i == len(SIZES_KB) - 1:
        return values[i]
    low, high = SIZES_KB[i], SIZES_KB[i + 1]
    share = math.log(size_KB / low) / math.log(high / low)
    return math.exp((1.0 - share) * math.log(values[i]) + share * math.log(values[i + 1]))
