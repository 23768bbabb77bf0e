"""Share of good chips, with its exact interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """So many of so many chips were good.

    Parameters
    ----------
    n_good, n_chips : int
        Good ones, and all; at least one chip.

    Raises
    ------
    ValueError
        No chip, or more good ones than there are.

    Examples
    --------
    >>> share = Share(n_good=19, n_chips=20)
    >>> share.value, [round(end, 4) for end in share.interval()]
    (0.95, [0.7513, 0.9987])
    """

    n_good: int
    n_chips: int

    def __post_init__(self) -> None:
        if not 0 <= self.n_good <= self.n_chips or not self.n_chips:
            raise ValueError(f"share: found {self.n_good} of {self.n_chips} chips")

    @property
    def value(self) -> float:
        """n_good / n_chips."""
        return self.n_good / self.n_chips

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval of Clopper and Pearson, which covers at least so often.

        Parameters
        ----------
        confidence : float
            Of both ends together; each is missed with at most half of the rest.

        References
        ----------
        Clopper and Pearson, Biometrika 26, 404 (1934).
        """
        from scipy import stats

        found = stats.binomtest(self.n_good, self.n_chips).proportion_ci(confidence, "exact")
        return float(found.low), float(found.high)
