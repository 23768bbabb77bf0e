"""The page in a headless browser: nothing sticks out on a phone, no label is cut, dark is dark.

Needs Chromium (`apt-get install chromium`); without it these tests are skipped and say so.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli_case import make_case

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next((path for path in map(shutil.which, NAMES) if path), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason=f"NO BROWSER: none of {', '.join(NAMES)} is here"),
]
MEASURE = """
<script>
const frame = document.querySelector("iframe");
frame.onload = () => {
  const page = frame.contentDocument, cut = [];
  for (const svg of page.querySelectorAll("svg")) {
    const box = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll("text")) {
      const t = text.getBoundingClientRect();
      if (t.left < box.left - 2 || t.right > box.right + 2 || t.top < box.top - 2
          || t.bottom > box.bottom + 2) cut.push(svg.getAttribute("aria-label") + ": "
                                                 + text.textContent);
    }
  }
  const style = frame.contentWindow.getComputedStyle(page.body);
  const label = page.querySelector("svg text");
  document.title = JSON.stringify({
    width: page.documentElement.scrollWidth, cut, paper: style.backgroundColor,
    ink: style.color, label: frame.contentWindow.getComputedStyle(label).fill,
    resources: frame.contentWindow.performance.getEntriesByType("resource")
      .map(entry => entry.name).filter(name => !name.startsWith("data:")),
    drawings: page.querySelectorAll("svg").length,
  });
};
</script>
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of one run."""
    case = make_case(tmp_path_factory.mktemp("case"))
    path = case.folder / "run.html"
    words = ("--mapping", "split", "--set", "hardware.mapping.allow_narrow_state=true", "--budget")
    done = case.run("--quiet", "--chips", 3, "--after", "1d", *words, "--html", path)
    assert done.exit_code == 0
    return path


def look(page: Path, width: int, scheme: str) -> dict[str, Any]:
    """Return what the page looks like in a frame of that width [px], light or dark."""
    frame = page.with_name(f"frame-{width}-{scheme}.html")
    source = html.escape(page.read_text(encoding="utf-8"))
    frame.write_text(
        f'<!doctype html><title></title><iframe style="width:{width}px;height:9000px;border:0" '
        f'srcdoc="{source}"></iframe>{MEASURE}',
        encoding="utf-8",
    )
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000",
        f"--user-data-dir={page.parent / 'profile'}", "--window-size=1600,9200",
        f"--blink-settings=preferredColorScheme={int(scheme == 'light')}", "--dump-dom",
        frame.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    title = re.search("<title>(.*?)</title>", done.stdout)
    assert title is not None
    assert title.group(1), done.stderr
    seen: dict[str, Any] = json.loads(html.unescape(title.group(1)))
    return seen


def brightness(colour: str) -> float:
    """Return the mean of red, green, blue of ``rgb(...)``, 0 to 255."""
    return sum(map(float, re.findall(r"\d+", colour)[:3])) / 3


@pytest.mark.parametrize("width", [320, 400, 800, 1280])
def test_nothing_sticks_out(page: Path, width: int) -> None:
    seen = look(page, width, "light")
    assert seen["drawings"] == 9
    assert seen["width"] <= width
    assert seen["cut"] == []
    assert seen["resources"] == []


def test_light_is_light_and_dark_is_dark(page: Path) -> None:
    light, dark = look(page, 800, "light"), look(page, 800, "dark")
    for dim, bright in ((light["ink"], light["paper"]), (dark["paper"], dark["ink"])):
        assert brightness(dim) < 60 < 200 < brightness(bright)
    assert light["label"] == light["ink"]
    assert dark["label"] == dark["ink"]
