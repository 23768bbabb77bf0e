"""The version of the package, which every result carries."""

VERSION = "0.1.0"
