"""Run a programmed model: bind each layer once, then step, probe and count."""
