"""The page in a real browser, from disk."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from .harness import chromium
from .reports import Reports

pytestmark = pytest.mark.browser

DESKTOP, PHONE = ViewportSize(width=1280, height=720), ViewportSize(width=390, height=700)
CONTRAST = """
selector => {
  const channels = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = colour => {
    const [r, g, b] = channels(colour).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = node => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (!colour.endsWith(', 0)')) return colour;
    }
  };
  return [...document.querySelectorAll(selector)].map(node => {
    const pair = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  });
}
"""


@dataclass
class Seen:
    """A page, and whatever it said, asked for or broke."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Root, as in CI, has no sandbox; the only page is one that we wrote.
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(browser: Browser, report: Path, size: ViewportSize = DESKTOP, scheme: Any = "light") -> Seen:
    page = browser.new_page(viewport=size, color_scheme=scheme)
    seen = Seen(page)
    page.on("console", lambda message: seen.said.append(message.text))
    page.on("pageerror", lambda error: seen.said.append(str(error)))
    page.on("request", lambda request: seen.asked_for.append(request.url))
    page.goto((report / "report.html").as_uri())
    return seen


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_verdict_is_there_without_scrolling(
    browser: Browser, reports: Reports, size: ViewportSize, scheme: str
) -> None:
    page = opened(browser, reports.wrong, size, scheme).page
    box = page.get_by_role("heading", level=1).bounding_box()
    assert page.get_by_role("heading", level=1).inner_text() == "DIFFERENCES: the candidate is not the control"
    assert box is not None
    assert box["y"] + box["height"] < size["height"] / 2
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_nothing_runs_and_nothing_leaves(browser: Browser, reports: Reports) -> None:
    seen = opened(browser, reports.wrong)
    seen.page.wait_for_load_state("networkidle")
    assert (seen.said, seen.asked_for) == ([], [(reports.wrong / "report.html").as_uri()])
    assert seen.page.title() == "differences - parity on moto"
    assert seen.page.locator("script, img, iframe, object").count() == 0
    assert "<script>document.title" in seen.page.locator("#differences").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_can_be_read(browser: Browser, reports: Reports, scheme: str) -> None:
    page = opened(browser, reports.wrong, scheme=scheme).page
    shades = {name: page.evaluate(f"getComputedStyle(document.body).{name}") for name in ("backgroundColor", "color")}
    assert (shades["backgroundColor"] == "rgb(255, 255, 255)") == (scheme == "light")
    ratios = page.evaluate(CONTRAST, "h1, h2, dt, dd, a, caption, th, td, mark, code, summary")
    assert len(ratios) > 100
    assert min(ratios) >= 4.5


def test_every_part_is_reached_by_keyboard(browser: Browser, reports: Reports) -> None:
    page = opened(browser, reports.wrong).page
    reached = []
    for _ in range(200):
        page.keyboard.press("Tab")
        focus = page.evaluate("[document.activeElement.tagName, document.activeElement.getAttribute('href') || '']")
        if focus[0] == "BODY":
            break
        reached.append(tuple(focus))
    assert reached[0] == ("A", "#matrix")
    sections = {f"#{node.get_attribute('id')}" for node in page.locator("section").all()}
    assert {link for tag, link in reached if tag == "A"} == sections
    assert page.locator("details").count() == sum(tag == "SUMMARY" for tag, _ in reached)
    assert page.locator("[tabindex='0']").count() <= len(reached)


def test_the_keyboard_opens_a_folded_part(browser: Browser, reports: Reports) -> None:
    page = opened(browser, reports.wrong).page
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") is not None


def test_a_screen_reader_finds_its_way(browser: Browser, reports: Reports) -> None:
    page = opened(browser, reports.wrong).page
    assert page.locator("html").get_attribute("lang") == "en"
    for landmark in ("banner", "navigation", "main"):
        assert page.get_by_role(landmark).count() == 1
    levels = [int(tag[1]) for tag in page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => h.tagName)")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.locator("thead th:not([scope]), tbody th:not([scope])").count() == 0
    assert page.locator("table:not(.sides):not(:has(caption))").count() == 0
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_the_parts_stand_in_their_order(browser: Browser, reports: Reports) -> None:
    page = opened(browser, reports.right).page
    assert page.get_by_role("heading", level=1).inner_text().startswith("PARITY")
    assert [section.get_attribute("id") for section in page.locator("section").all()] == [
        "matrix", "coverage", "differences", "known", "rules", "methods", "cross-read", "tables", "environment",
    ]  # fmt: skip


def test_printing_shows_what_is_folded(browser: Browser, reports: Reports) -> None:
    page = opened(browser, reports.wrong, scheme="dark").page
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation").is_visible()
    assert page.locator("details li").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.pdf().startswith(b"%PDF")
