"""docs/validation.md is what its command prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.validation_page import page


@pytest.mark.slow
def test_the_page_is_current() -> None:
    text = Path("docs/validation.md").read_text(encoding="utf-8")
    assert text == page(), "python docs/validation_page.py > docs/validation.md"
