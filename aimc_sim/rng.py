"""Named random streams: keys from names, counters from logical coordinates."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RNG_VERSION = 1
"""Version of generator and addresses; a change moves every figure, so it is in every result."""


def stream_key(seed: int, *path: str | int) -> npt.NDArray[np.uint32]:
    """Return the 128-bit key of the stream of that name, shape (4,).

    Parameters
    ----------
    seed : int
        Build seed or run seed, any non-negative integer.
    path : str or int
        Purpose, chip, layer, tile, source: what names the stream.

    Raises
    ------
    ValueError
        Negative seed.

    Notes
    -----
    BLAKE2b with 16 bytes of output over the JSON list ``[seed, *path]`` without spaces, read as
    four little-endian uint32. Streams are named, never dealt in order, so that adding a tile, a
    chip or a noise source moves no other stream.

    Examples
    --------
    >>> [hex(word) for word in stream_key(7, "read", 0, "enc", 3)][:1]
    ['0xc3d4c0f5']
    """
    if seed < 0:
        raise ValueError(f"seed: found {seed}; a seed is an integer >= 0")
    name = json.dumps([int(seed), *path], separators=(",", ":"), ensure_ascii=True)
    raw = hashlib.blake2b(name.encode(), digest_size=16).digest()
    return np.frombuffer(raw, dtype="<u4").astype(np.uint32)


@dataclass(frozen=True)
class Stream:
    """One named stream; draw number i depends on (key, sequence, step, i) and on nothing else.

    Parameters
    ----------
    key : uint32 array, shape (4,)
        From `stream_key`.
    """

    key: npt.NDArray[np.uint32]

    def normal(self, n: int, sequence: int = 0, step: int = 0) -> npt.NDArray[np.float32]:
        """Return standard normals 0 .. n-1 at that counter, shape (n,)."""
        from aimc_sim.rng_kernels import fill_gaussians

        out = np.empty(n, dtype=np.float32)
        fill_gaussians(self.key, sequence, step, out)
        return out

    def words(self, n: int, sequence: int = 0, step: int = 0) -> npt.NDArray[np.uint32]:
        """Return raw Threefry4x32-20 blocks 0 .. n-1 at that counter, shape (n, 4)."""
        from aimc_sim.rng_kernels import fill_words

        out = np.empty((n, 4), dtype=np.uint32)
        fill_words(self.key, sequence, step, out)
        return out

    def uniform(self, n: int, sequence: int = 0, step: int = 0) -> npt.NDArray[np.float64]:
        """Return uniforms in (0, 1), 0 .. n-1 at that counter, shape (n,)."""
        words = self.words((n + 3) // 4, sequence, step).reshape(-1)[:n]
        return (words.astype(np.float64) + 0.5) * 2.0**-32


def stream(seed: int, *path: str | int) -> Stream:
    """Return the random stream of that name.

    Examples
    --------
    >>> a, b = stream(1, "program", 0, "enc"), stream(1, "program", 0, "dec")
    >>> bool((a.normal(4) == a.normal(8)[:4]).all()), bool((a.normal(4) == b.normal(4)).any())
    (True, False)
    """
    return Stream(stream_key(seed, *path))
