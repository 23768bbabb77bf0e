"""What a chip does to a model, taken apart: the error budget, and poles and kernels as written."""
