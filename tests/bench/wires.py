"""Wires: what one programmed tile costs, once and at every read; each size in a process of its own.

python tests/bench/wires.py          # 128x128, 256x256, 512x512
python tests/bench/wires.py 128      # one of them
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

SIZES = ("128", "256", "512")
LARGEST_SPARSE = 128


def best(call: Callable[[], Any], n: int) -> float:
    """Return the shortest of n times [s]."""
    times = []
    for _ in range(n):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def measure(n: int) -> None:
    """Print the figures of an n x n tile of 5 to 25 uS with 5.6 and 1.9 ohm a cell."""
    from aimc_sim.crossbar.lines_network import network_of
    from aimc_sim.crossbar.nodal import Nodes, factorised
    from aimc_sim.crossbar.wires import effective_matrix
    from aimc_sim.crossbar.wires_newton import CubicTile
    from aimc_sim.crossbar.wires_noise import first_order
    from aimc_sim.hardware import Wires

    rng = np.random.default_rng(0)
    g_S = rng.uniform(5.0e-6, 25.0e-6, (n, n))
    one = Wires(wordline_ohm=5.6, bitline_ohm=1.9, driver_ohm=100.0, sense_ohm=100.0)
    for wires in (one, one.model_copy(update={"driven": "both_ends"})):
        effective_matrix(g_S[:128, :128], wires)  # compiles
    v_V = rng.uniform(-0.2, 0.2, (256, n))
    for ends in ("one_end", "both_ends"):
        wires = one.model_copy(update={"driven": ends, "sensed": ends})
        start, busy = time.perf_counter(), time.process_time()
        effective_S = effective_matrix(g_S, wires)
        took, busy = time.perf_counter() - start, time.process_time() - busy
        print(f"{n}x{n} effective matrix, {ends}: {took:.3f} s ({busy:.3f} s of processors)")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    print(f"{n}x{n} peak memory until here: {peak:.0f} MiB")
    print(f"{n}x{n} MVM of 256 inputs without wires: {best(lambda: v_V @ g_S, 20) * 1e6:.0f} us")
    print(f"{n}x{n} MVM of 256 inputs with: {best(lambda: v_V @ effective_S, 20) * 1e6:.0f} us")
    if n > LARGEST_SPARSE:
        return
    nodes = Nodes.of(network_of(g_S, one, v_V[0]))
    start = time.perf_counter()
    factors = factorised(nodes.matrix(g_S))
    print(f"{n}x{n} sparse LU of {nodes.n} nodes: {time.perf_counter() - start:.3f} s")
    print(
        f"{n}x{n} one solve with its factors: {best(lambda: factors.solve(nodes.right), 5):.4f} s"
    )
    start = time.perf_counter()
    noise = first_order(g_S, one)
    dg_S = 1.0e-7 * rng.standard_normal((256, n, n))
    print(f"{n}x{n} first-order tables, once: {time.perf_counter() - start:.3f} s")
    print(f"{n}x{n} noise of 256 reads: {best(lambda: noise.currents(v_V, dg_S), 3):.3f} s")
    tile = CubicTile(g_S, 0.0 * g_S, 5.0 * g_S, one)
    tile.read(v_V[0])
    print(f"{n}x{n} cubic read, factors kept: {best(lambda: tile.read(v_V[1]), 3):.3f} s")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
    else:
        for size in SIZES:
            subprocess.run([sys.executable, __file__, size], check=True)
