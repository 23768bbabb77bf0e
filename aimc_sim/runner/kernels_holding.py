"""Compiled 1/f noise that lasts from step to step: draws are kept for as long as holds last."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit
from aimc_sim.rng_kernels import gaussian_block

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Normals = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint32]

FEW = 8
"""Sequences below which draws run over devices, not over sequences."""
FAST = 3
"""Octaves that move on at almost every step; what the others sum to is kept."""
EARLY = 1 << 30
"""Step below which numbers of holds fit 31 bits."""


@njit
def _held(step: int, period: Floats, phase: Floats, held: Words, moved: Ints, now: Words) -> int:
    """Find the blocks of an octave that began a hold; return their number."""
    if step < EARLY:  # a conversion that vector units have
        signed = now.view(np.int32)
        for c in range(period.shape[0]):
            signed[c] = np.int32(np.floor(step / period[c] + phase[c]))
    else:
        for c in range(period.shape[0]):
            now[c] = np.uint32(np.floor(step / period[c] + phase[c]))
    n = np.uint64(0)
    for c in range(period.shape[0]):
        moved[n] = c
        n += np.uint64(now[c] != held[c])
    for c in range(period.shape[0]):
        held[c] = now[c]
    return int(n)


@njit
def _draw_many(
    key: Words, sequence: Words, moved: Ints, n_moved: int, held: Words, block: Words,
    lanes: Ints, devices: int, kept: Normals, n: int,
) -> None:  # fmt: skip
    """Draw blocks one after another, all sequences at once."""
    own = np.empty((4, n), dtype=np.float32)
    a, b, d, e = own[0], own[1], own[2], own[3]
    for m in range(n_moved):
        c = moved[m]
        for i in range(n):
            z0, z1, z2, z3 = gaussian_block(key, sequence[i], held[c], block[c])
            a[i] = z0
            b[i] = z1
            d[i] = z2
            e[i] = z3
        for lane in range(4):
            device = lanes[4 * c + lane]
            if device < devices:
                to, drawn = kept[device], own[lane]
                for i in range(n):
                    to[i] = drawn[i]


@njit
def _draw_few(
    key: Words, sequence: Words, moved: Ints, n_moved: int, held: Words, block: Words,
    lanes: Ints, kept: Normals, n: int,
) -> None:  # fmt: skip
    """Draw sequences one after another, all blocks at once; lanes without a device go to waste."""
    holds, blocks = np.empty(n_moved, dtype=np.uint32), np.empty(n_moved, dtype=np.uint32)
    drawn = np.empty(4 * n_moved, dtype=np.float32)
    for m in range(n_moved):
        holds[m], blocks[m] = held[moved[m]], block[moved[m]]
    for i in range(n):
        for m in range(n_moved):
            z0, z1, z2, z3 = gaussian_block(key, sequence[i], holds[m], blocks[m])
            drawn[4 * m] = z0
            drawn[4 * m + 1] = z1
            drawn[4 * m + 2] = z2
            drawn[4 * m + 3] = z3
        for m in range(n_moved):
            own, z = lanes[4 * moved[m] : 4 * moved[m] + 4], drawn[4 * m : 4 * m + 4]
            for lane in range(4):
                kept[np.uint64(own[lane]), np.uint64(i)] = z[lane]


@njit
def _sum_octaves(
    weight: Floats, kept: Normals, d: int, room: int, is_stale: bool, z: Normals, n: int
) -> None:
    """Sum the octaves of one device, the slowest first; what slow ones sum to is kept."""
    octaves = weight.shape[0]
    slow = kept[d + octaves * room]
    if is_stale:
        for i in range(n):
            slow[i] = np.float32(0.0)
        for k in range(octaves - 1, FAST - 1, -1):
            own, f = kept[d + k * room], np.float32(weight[k])
            for i in range(n):
                slow[i] += f * own[i]
    if octaves > FAST:
        a, b, c = kept[d], kept[d + room], kept[d + 2 * room]
        f, g, h = np.float32(weight[0]), np.float32(weight[1]), np.float32(weight[2])
        for i in range(n):
            z[i] = ((slow[i] + h * c[i]) + g * b[i]) + f * a[i]
        return
    for i in range(n):
        z[i] = np.float32(0.0)
    for k in range(octaves - 1, -1, -1):
        own, f = kept[d + k * room], np.float32(weight[k])
        for i in range(n):
            z[i] += f * own[i]


@njit
def _sum_single(weight: Floats, kept: Normals, room: int, z: Normals, devices: int) -> None:
    """Do the same for all devices of one sequence; they stand side by side."""
    for d in range(devices):
        z[d] = np.float32(0.0)
    k = weight.shape[0] - 1
    while k >= 2:
        a, b, c = kept[k * room :], kept[(k - 1) * room :], kept[(k - 2) * room :]
        f, g, h = np.float32(weight[k]), np.float32(weight[k - 1]), np.float32(weight[k - 2])
        for d in range(devices):
            z[d] = ((z[d] + f * a[d]) + g * b[d]) + h * c[d]
        k -= 3
    while k >= 0:
        a, f = kept[k * room :], np.float32(weight[k])
        for d in range(devices):
            z[d] += f * a[d]
        k -= 1


@njit
def hold(
    op: Ints, ints: Ints, floats: Floats, keys: Words, blocks: Words, sequence: Words, step: int,
    held: Words, kept: Normals, z: Normals, n: int,
) -> None:  # fmt: skip
    """Draw the octaves that begin a hold; write the normal of each device, [device, sequence].

    op: blocks of four devices, octaves, devices; places of periods, phases, weights, of the key of
    the first octave, of blocks, of the devices of their lanes; of their holds, of their draws; of
    the block of each device.
    """
    n_blocks, octaves, devices = op[1], op[2], op[3]
    weight = floats[op[6] : op[6] + octaves]
    block, lanes = blocks[op[8] : op[8] + n_blocks], ints[op[9] :]
    of_device = ints[op[12] : op[12] + devices]
    moved, now = np.empty(n_blocks + 1, dtype=np.int64), np.empty(n_blocks, dtype=np.uint32)
    is_stale = np.zeros(n_blocks, dtype=np.bool_)
    room = devices + 1
    mine = kept[op[11] : op[11] + (octaves + 1) * room]
    for k in range(octaves):
        at = k * n_blocks
        period = floats[op[4] + at : op[4] + at + n_blocks]
        phase = floats[op[5] + at : op[5] + at + n_blocks]
        own = held[op[10] + at : op[10] + at + n_blocks]
        n_moved = _held(step, period, phase, own, moved, now)
        key, to = keys[op[7] + k], mine[k * room : (k + 1) * room]
        if n < FEW:
            _draw_few(key, sequence, moved, n_moved, own, block, lanes, to, n)
        else:
            _draw_many(key, sequence, moved, n_moved, own, block, lanes, devices, to, n)
        if k >= FAST:
            for m in range(n_moved):
                is_stale[moved[m]] = True
    if z.shape[1] == 1 and kept.shape[1] == 1:
        _sum_single(weight, mine.reshape(mine.size), room, z.reshape(z.size), devices)
        return
    for d in range(devices):
        stale = is_stale[of_device[d]]
        _sum_octaves(weight, mine, d, room, stale, z[d], n)
