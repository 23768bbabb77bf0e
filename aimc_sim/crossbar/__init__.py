"""Tiles: conductances as written, and reads of them."""
