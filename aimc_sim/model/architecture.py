"""How the parts of a float classifier are joined: what the tensors of a checkpoint do not say."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aimc_sim.spec import Spec


class Architecture(Spec):
    """What a checkpoint's tensors do not say; the defaults are those of the reference code.

    Parameters
    ----------
    activation : {"gelu", "relu", "none"}
        Between S4D and mixing layer; GELU is x (1 + erf(x/sqrt 2))/2.
    norm : {"layer", "batch", "none"}
        Over channels, or with running statistics.
    norm_eps : float
        Added to the variance.
    prenorm : bool
        Norm before the S4D (true) or after the residual (false).
    glu : bool
        The mixing layer has 2H outputs a, b and puts out a sigmoid(b).
    residual : bool
        The block's input is added to its output.
    pooling : {"mean", "last"}
        Over the valid steps.
    discretization : {"zoh", "bilinear"}
        Zero-order hold, or the bilinear transform, which the reader turns into one.
    a_imag_sign : {1, -1}
        A = -exp(log_A_real) + i sign A_imag; `s4d.py` has 1, the full `s4.py` -1.
    input_scale : float, optional
        Value of one input code; by default the calibration batch decides.
    """

    activation: Literal["gelu", "relu", "none"] = "gelu"
    norm: Literal["layer", "batch", "none"] = "layer"
    norm_eps: float = Field(default=1e-5, gt=0)
    prenorm: bool = False
    glu: bool = True
    residual: bool = True
    pooling: Literal["mean", "last"] = "mean"
    discretization: Literal["zoh", "bilinear"] = "zoh"
    a_imag_sign: Literal[1, -1] = 1
    input_scale: float | None = Field(default=None, gt=0)
