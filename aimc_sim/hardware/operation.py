"""How a chip is operated: times, effects that are on, writing, calibration."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aimc_sim.spec import Spec


class Timing(Spec):
    """Times that are part of the physics.

    Parameters
    ----------
    t_read_s : float
        Time that a read drives the wordlines [s].
    t_step_s : float, optional
        Time between steps (a sample period) [s]; by default what the reads of a step take, one
        after another (`Plan.t_step_s`), and for the cost the latency of a step.
    n_band_steps : int
        Steps over which 1/f noise is correlated; what is slower than that is frozen. A power of
        two at least as long as the sequences; a longer run is refused where it matters.
    """

    t_read_s: float = Field(gt=0, le=1)
    t_step_s: float | None = Field(default=None, gt=0)
    n_band_steps: int = Field(default=1024, ge=2, le=1 << 40)


class Effects(Spec):
    """Sources of error, each of which can be switched off; all are on by default.

    Parameters
    ----------
    programming : bool
        Spread of what is written.
    drift : bool
        Change of conductances with time: drift and relaxation.
    faults : bool
        Stuck devices and open lines.
    read_white, flicker_frozen, flicker_correlated, flicker_white, telegraph : bool
        Parts of read noise (docs/noise.md).
    nonlinearity : bool
        Curvature of the devices' current against voltage.
    wires : bool
        Resistance of word- and bitlines, drivers and sense circuits.
    converter_faults : bool
        Faults and noise of DACs and ADCs; their steps stay.
    """

    programming: bool = True
    drift: bool = True
    faults: bool = True
    read_white: bool = True
    flicker_frozen: bool = True
    flicker_correlated: bool = True
    flicker_white: bool = True
    telegraph: bool = True
    nonlinearity: bool = True
    wires: bool = True
    converter_faults: bool = True


class Programming(Spec):
    """How devices are written one after another.

    Parameters
    ----------
    schedule : {"serial", "row_parallel"}
        Pulses and verify reads of one device after another, or of all devices of a wordline at
        once, as often as its slowest device needs.
    """

    schedule: Literal["serial", "row_parallel"] = "serial"


class Calibration(Spec):
    """What is measured and corrected digitally before a run.

    Parameters
    ----------
    kind : {"none", "global", "per_bitline", "affine"}
        ``global``: one factor a tile against drift, from a reference read; ``per_bitline``: one a
        bitline; ``affine``: gain and offset of each bitline from known patterns.
    n_patterns : int
        Input patterns read.
    """

    kind: Literal["none", "global", "per_bitline", "affine"] = "none"
    n_patterns: int = Field(default=16, ge=2, le=4096)
