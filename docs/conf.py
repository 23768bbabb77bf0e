"""Sphinx settings: MyST pages by hand, API pages from the docstrings of the public modules."""

from __future__ import annotations

import os
from importlib.metadata import version as installed_version

os.environ["NUMBA_DISABLE_JIT"] = "1"  # kernels are documented as the functions they are

project = "aimc_sim"
author = "the aimc_sim developers"
version = release = installed_version("aimc-sim")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
]
exclude_patterns = ["_build", "_templates"]
templates_path = ["_templates"]

myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the numpydoc sections say it with units and shapes
autodoc_default_options = {
    "members": True,
    "show-inheritance": True,
    "ignore-module-all": True,  # the package's own names are documented where they are defined
}
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
# numpydoc turns each numbered source into a citation, cited in the text or not
suppress_warnings = ["ref.citation", "ref.footnote"]

html_theme = "furo"
html_title = f"aimc_sim {release}"
html_copy_source = False
