"""Events: addable, exact amounts of what components did; counts come up, costs stay away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "dac.convert": "conversions of one code to one wordline voltage or pulse",
        "adc.convert": "conversions of one bitline current to one code",
        "adc.step": "conversion steps (integrating or adaptive converters)",
        "integrator.step": "integrations of a sampled bitline (neurons that weight the bits)",
        "crossbar.mvm": "reads of one tile (one phase, one input slice)",
        "crossbar.x2": "sum over wordlines of x_code^2 (array energy, see ArrayReads)",
        "line.switch": "line charges from 0 V to the drive and back",
        "sample_hold.hold": "bitline samples held for a conversion",
        "mux.switch": "switches of a shared converter to another bitline",
        "shift_add.op": "shift-and-add of a partial sum",
        "adder.add": "digital additions",
        "multiplier.bit_product": "digital multiplications, each counted as width x width",
        "requant.op": "requantisations by multiplication (then add half, shift, clip)",
        "lut.read": "reads of an activation table",
        "state.read_bit": "bits of recurrent state read",
        "state.write_bit": "bits of recurrent state written",
        "buffer.read_bit": "bits of activations read from a buffer",
        "buffer.write_bit": "bits of activations written to a buffer",
        "bus.bit": "bits moved between layers",
        "router.bit": "bits of outputs that leave for other tiles",
        "program.set_pulse": "SET pulses",
        "program.reset_pulse": "RESET pulses",
        "program.verify_read": "verify reads of one device",
        "program.set_slot": "time slots in which at least one device gets a SET pulse",
        "program.reset_slot": "time slots in which at least one device gets a RESET pulse",
        "program.verify_slot": "time slots in which at least one device gets a verify read",
        "program.failure": "devices that are outside their window when their pulses are spent",
        "calibrate.read": "reads of one bitline made to calibrate",
        "compensate.read": "reads of one bitline made to compensate drift",
        "control.step": "time steps sequenced, one a layer",
    }
)
"""Every action the simulator can emit, with its unit; later work only adds rows."""

Key = tuple[str, int, str]
ArrayKey = tuple[str, int, int, str]


@dataclass(frozen=True)
class ArrayReads:
    """What the array energy of one tile is made of, exactly.

    Parameters
    ----------
    x2 : tuple of int
        Per wordline, sum over reads of x_code squared, of its magnitude where codes are lengths of
        pulses, of its bits that are set where each is a pulse.
    g_row_S : tuple of float
        Per wordline, sum of the conductances on it [S], both devices of each pair.
    v_lsb_V : float
        Wordline voltage of one input code, or of a pulse [V].
    t_code_s : float, optional
        Length of the pulse of code 1, or of a bit [s]; None: all reads drive for the chip's read
        time.
    """

    x2: tuple[int, ...]
    g_row_S: tuple[float, ...]
    v_lsb_V: float
    t_code_s: float | None = None

    def __post_init__(self) -> None:
        if len(self.x2) != len(self.g_row_S):
            raise ValueError(f"found {len(self.x2)} sums for {len(self.g_row_S)} wordlines")
        if any(type(amount) is not int or amount < 0 for amount in self.x2):
            raise ValueError("sums of squared codes are integers >= 0")

    def __add__(self, other: ArrayReads) -> ArrayReads:
        drive, other_drive = (self.v_lsb_V, self.t_code_s), (other.v_lsb_V, other.t_code_s)
        if self.g_row_S != other.g_row_S or drive != other_drive:
            raise ValueError(
                "array reads of different conductances cannot be added; "
                "a new drift epoch opens a new entry"
            )
        return ArrayReads(
            tuple(a + b for a, b in zip(self.x2, other.x2, strict=True)), self.g_row_S, *drive
        )


@dataclass(frozen=True)
class Events:
    """Frozen, addable counts keyed (layer, tile, action); -1 is "no tile" (digital logic).

    Parameters
    ----------
    counts : mapping
        ``(layer, tile_id, action) -> int``; every action is a key of `ACTIONS`.
    arrays : mapping
        ``(layer, tile_id, chip, epoch) -> ArrayReads``; the epoch names drift time and drive.

    Examples
    --------
    >>> a = Events({("enc", 0, "dac.convert"): 3})
    >>> (a + a).total("dac.convert")
    6
    """

    counts: Mapping[Key, int] = field(default_factory=dict)
    arrays: Mapping[ArrayKey, ArrayReads] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, amount in self.counts.items():
            if key[2] not in ACTIONS:
                raise ValueError(f"{key[2]!r} is not an action; known: {', '.join(ACTIONS)}")
            if key[2] == "crossbar.x2":
                raise ValueError(f"{key}: array energy is given by `arrays`, not as a count")
            if type(amount) is not int or amount < 0:
                raise ValueError(f"{key}: found {amount!r}; counts are integers >= 0")

    def __add__(self, other: Events) -> Events:
        counts = dict(self.counts)
        for key, amount in other.counts.items():
            counts[key] = counts.get(key, 0) + amount
        arrays = dict(self.arrays)
        for array_key, reads in other.arrays.items():
            arrays[array_key] = arrays[array_key] + reads if array_key in arrays else reads
        return Events(counts, arrays)

    def total(self, action: str) -> int:
        """Return the amount of one action over all layers and tiles."""
        if action not in ACTIONS:
            raise ValueError(f"{action!r} is not an action; known: {', '.join(ACTIONS)}")
        if action == "crossbar.x2":
            return sum(sum(reads.x2) for reads in self.arrays.values())
        return sum(n for (_, _, name), n in self.counts.items() if name == action)

    def by_action(self) -> dict[str, int]:
        """Return the amount of every action, unused ones as 0, in the order of `ACTIONS`."""
        totals = dict.fromkeys(ACTIONS, 0)
        for (_, _, action), amount in self.counts.items():
            totals[action] += amount
        totals["crossbar.x2"] = self.total("crossbar.x2")
        return totals

    def by_layer(self) -> dict[str, dict[str, int]]:
        """Return the amount of every action met, per layer."""
        layers: dict[str, dict[str, int]] = {}
        for (layer, _, action), amount in sorted(self.counts.items()):
            row = layers.setdefault(layer, {})
            row[action] = row.get(action, 0) + amount
        return layers


def sum_events(parts: Iterable[Events]) -> Events:
    """Add many `Events`.

    Examples
    --------
    >>> sum_events([Events(), Events()]) == Events()
    True
    """
    total = Events()
    for part in parts:
        total = total + part
    return total
