"""Sphinx settings: MyST pages by hand, API pages from the docstrings of the public modules."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

os.environ["NUMBA_DISABLE_JIT"] = "1"  # kernels are documented as the functions they are

project = "aimc_sim"
author = "the aimc_sim developers"
version = release = installed_version("aimc-sim")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
]
exclude_patterns = ["_build", "_templates"]
templates_path = ["_templates"]

myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # docs/notebook_page.py executes it

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
html_static_path = ["_static"]
html_css_files = ["devices.css", "support.css"]


def write_device_pages(app: Any) -> None:
    """Write the pages of the device models, in a process of its own: there kernels are compiled."""
    env = {key: value for key, value in os.environ.items() if key != "NUMBA_DISABLE_JIT"}
    command = [sys.executable, "-m", "docs.device_pages"]
    subprocess.run(command, cwd=Path(app.srcdir).parent, env=env, check=True)


def setup(app: Any) -> dict[str, bool]:
    """Have the generated pages written before Sphinx looks for pages; they may be read at once."""
    app.connect("builder-inited", write_device_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
