"""Logits and accuracy of a float model on a split."""

from __future__ import annotations

import numpy as np
import torch
from datasets import Split, raw_values
from s4d import Classifier


@torch.no_grad()
def logits_of(model: Classifier, split: Split, batch_size: int = 100) -> np.ndarray:
    """Return the logits [sequence, class] of a split, in the model's own precision."""
    model.eval()
    dtype = model.decoder.weight.dtype
    out = []
    for start in range(0, len(split.labels), batch_size):
        part = slice(start, start + batch_size)
        lengths = split.lengths[part]
        batch = torch.from_numpy(raw_values(split.inputs[part, : lengths.max()])).to(dtype)
        out.append(model(batch, torch.from_numpy(lengths)).numpy())
    return np.concatenate(out)


def accuracy(model: Classifier, split: Split) -> float:
    """Return the share of sequences whose largest logit is the label's."""
    return float(np.mean(np.argmax(logits_of(model, split), axis=1) == split.labels))
