"""Which weight on which tile: matrices of a model, cut and packed."""
