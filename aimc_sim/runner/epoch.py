"""Time passes during a run: epochs in which conductances are taken as constant."""

from __future__ import annotations

import math
from dataclasses import dataclass

EPOCH = 0.01
"""Length of an epoch in ln(t + t_scale): an exponent of 0.1 moves a conductance by 0.1 % in it."""


@dataclass(frozen=True)
class Clock:
    """Which epoch a step lies in, and the age that stands for it.

    Parameters
    ----------
    age_s : float
        Age of the devices at step 0 [s].
    t_step_s : float
        Time between steps [s].
    t_scale_s : float
        Time scale of the device's drift [s].

    Notes
    -----
    Epochs are equal in the logarithm of time, as drift is; their bounds depend on the age at step
    0 and on the step alone, so a run can be cut anywhere.

    Examples
    --------
    >>> clock = Clock(0.0, 1.0, 20.0)
    >>> clock.epoch(0), clock.epoch(3600), round(clock.age_at(clock.epoch(3600)))
    (0, 519, 3569)
    """

    age_s: float
    t_step_s: float
    t_scale_s: float

    def epoch(self, step: int) -> int:
        """Return the epoch of a step."""
        start_s = self.age_s + self.t_scale_s
        return int(math.log1p(step * self.t_step_s / start_s) / EPOCH)

    def age_at(self, epoch: int) -> float:
        """Return the age at the beginning of an epoch [s]."""
        start_s = self.age_s + self.t_scale_s
        return self.age_s + start_s * math.expm1(epoch * EPOCH)
