"""What the zoo holds: for each task float, post-training, quantisation- and noise-aware, pruned."""

from __future__ import annotations

import dataclasses

from qat import rate_for

SEEDS = (0, 1, 2)
PCM = "examples/chips/pcm_256.yaml"
HYBRID = ("hardware.mapping.window=mode", "hardware.adc.range_factor=2.0")
ANALOG = (
    *HYBRID,
    "hardware.mapping.s4d=split",
    "hardware.mapping.a_stored=A_minus_I",
    "hardware.mapping.pole_gain=complex",
    "hardware.mapping.allow_narrow_state=true",
    "hardware.mapping.weights.redundancy=2",
)


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How one model of the zoo is made of a float checkpoint.

    Parameters
    ----------
    name
        Of the model; `NAME_seedK.npz` is its file.
    bits
        As of `aimc quantize`.
    n_epochs
        Epochs of training as integers; 0 leaves what post-training quantisation gave.
    rate
        Learning rate at the start.
    start
        Model of the zoo whose codes training starts from; empty: quantised from float.
    chip, changes, after
        Chip, changes of it and age that it trains against; empty: exact arithmetic.
    states
        Share of the modes kept.
    seeds
        Training seeds; each starts from a float model of its own.
    a_grid
        Grid of the poles.
    """

    name: str
    bits: str
    n_epochs: int = 0
    rate: float = 1e-3
    start: str = ""
    chip: str = ""
    changes: tuple[str, ...] = ()
    after: str = "0s"
    states: float = 1.0
    seeds: tuple[int, ...] = SEEDS
    a_grid: str = "log-polar"


def same_bits(n: int, a: int = 0) -> str:
    """Return widths of n bits for all weights; A may have others.

    >>> same_bits(4, a=8)
    'a=8,b=4,c=4,d=4,weights=4'
    """
    return f"a={a or n},b={n},c={n},d={n},weights={n}"


WIDTHS = (8, 6, 4, 3, 2)
MIXED = same_bits(4, a=8)


def recipes(task: str) -> list[Recipe]:
    """Return the recipes of a task, in the order in which they are made."""
    n = 3 if task.startswith("smnist") else 15
    main = SEEDS[:1] if task == "smnist196" else SEEDS
    against = {"smnist784": 3, "smnist196": 2}.get(task, 4)
    noisy = SEEDS if task in ("smnist784", "digits") else SEEDS[:1]
    whole = SEEDS if task == "smnist784" else SEEDS[:1]
    few = SEEDS[:1] if task.startswith("smnist") else SEEDS
    w8 = same_bits(8)
    found = [Recipe(f"ptq{b}", same_bits(b), seeds=main) for b in WIDTHS]
    found += [
        Recipe("ptq_mixed", MIXED, seeds=main),
        Recipe("qat8", w8, n, seeds=main),
        Recipe("qat_mixed", MIXED, n, seeds=main),
        Recipe("noise_hybrid", w8, n, 1e-3, "qat8", PCM, HYBRID, "1d", seeds=noisy),
        Recipe("noise_analog", w8, against, 1e-3, "qat8", PCM, ANALOG, "1d", seeds=whole),
        Recipe("pruned", w8, n, start="qat8", states=0.5, seeds=few),
    ]
    found += [Recipe(f"qat{b}", same_bits(b), n, rate_for(b), seeds=few) for b in WIDTHS[1:]]
    if task == "digits01":  # the task of IMSSA: kernels that fit the levels of its devices
        for b in (2, 5):
            kernel = f"a={b},b={b},c={b},state=8"
            found += [Recipe(f"kernel{b}", kernel, n, a_grid="cartesian")]
            found += [Recipe(f"ptq_kernel{b}", kernel, a_grid="cartesian")]
    return found
