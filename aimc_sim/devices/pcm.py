"""Phase-change memory: programming spread, drift, 1/f read noise, by fits to measured arrays."""

from __future__ import annotations

from typing import Literal

from aimc_sim.devices.gaussian import GaussianBase


class PcmDevice(GaussianBase):
    r"""Phase-change memory, statistics after program-and-verify.

    Parameters
    ----------
    sigma_coefficients_S, sigma_g_max_S, drift_law, flicker_law, white_law :
        As in `GaussianBase`; the equations are there.

    References
    ----------
    V. Joshi et al., Nat. Commun. 11, 2473 (2020) (programming);
    S. R. Nandakumar et al., ICECS 2019 (drift and 1/f noise, PCM);
    M. Le Gallo et al., Nat. Electron. 6, 680 (2023) and R. Khaddam-Aljameh et al., JSSC 57, 1027
    (2022) (HERMES).

    Examples
    --------
    >>> from aimc_sim.devices.io import device_model_path, load_device
    >>> pcm = load_device(device_model_path("pcm_joshi2020")).device
    >>> round(float(pcm.sigma_programming(25.0e-6)) * 1e6, 5)
    1.05538
    """

    kind: Literal["pcm"]
