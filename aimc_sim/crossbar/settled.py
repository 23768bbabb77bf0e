"""Whether the reads of a chip are long enough for its arrays to settle."""

from __future__ import annotations

from aimc_sim.crossbar.places import on_site, places_of
from aimc_sim.crossbar.settling import settling, settling_bound
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.mapping.plan import MatrixPlan
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.spec import InputError


def check_settled(tiles: Tiles, age_s: float) -> None:
    """Refuse a read time that the arrays of the first chip do not settle in.

    Parameters
    ----------
    tiles : Tiles
        Programmed tiles.
    age_s : float
        Time since the reference read [s].

    Raises
    ------
    InputError
        With the tile, the read time found, the time needed and what is missing after the former.

    Notes
    -----
    Only where ``hardware.wires`` has a capacitance, and a number of bits to settle to: its
    `settle_bits`, or those of the ADC. A bound that no cell can exceed is tried first.
    """
    hardware = tiles.hardware
    wires = hardware.wires
    if wires is None or not wires.capacitance_F or not hardware.effects.wires:
        return
    n_bits = wires.settle_bits or hardware.adc.width
    if n_bits is None:
        return
    for m in tiles.plan.matrices:
        for tile in m.tiles:
            _check_tile(tiles, m, tile, age_s, n_bits)


def _check_tile(tiles: Tiles, m: MatrixPlan, tile: TilePlan, age_s: float, n_bits: int) -> None:
    hardware = tiles.hardware
    assert hardware.wires is not None, "there is something to settle"
    own = places_of(m, tile, hardware)
    places, wires = on_site(own, m, tile, hardware, hardware.wires)
    shape, t_read_s = (places.n_rows, places.n_lines), hardware.timing.t_read_s
    if settling_bound(shape, wires, n_bits).time_s <= t_read_s:
        return
    array_S = places.array(tiles.g_S(tiles.chips[0], tile.tile_id, age_s))
    try:
        settling(array_S, wires, n_bits).check(t_read_s)
    except InputError as error:
        raise InputError(f"layer {tile.layer!r}, tile {tile.tile_id}: {error}") from None
