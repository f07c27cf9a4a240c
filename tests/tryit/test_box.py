"""The box in which a reader changes the model, from a file, by keyboard, on a phone, in both modes."""

import time
from pathlib import Path

import axe_playwright_python
import pytest

from analysis import spatial
from analysis.book import parameters
from analysis.resources import ROOT
from analysis.study import tryit

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 120)).join(" | ")}`)"""
COLOURS = """html{--pst-color-text-base:#1f2933;--pst-color-background:#fff;--pst-color-surface:#f4f6f8}
html[data-theme=dark]{--pst-color-text-base:#e2e6eb;--pst-color-background:#14181e;
--pst-color-surface:#20262e} body{background:var(--pst-color-background);
color:var(--pst-color-text-base);font:16px sans-serif;margin:1rem}"""


def page_of(content, theme="light"):
    """A page that has nothing but a box, dressed as the book is."""
    look = (ROOT / "book" / "_static" / "book.css").read_text(encoding="utf-8")
    return (
        f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>A box</title>'
        f"<style>{COLOURS}{look}</style></head><body><main><h1>A box</h1>{content}</main></body></html>"
    )


@pytest.fixture(scope="module")
def files(engine, tmp_path_factory):
    """Pages with a box, by study and theme."""
    folder = tmp_path_factory.mktemp("boxes")
    for name, sample in engine.full.items():
        text = tryit.estimates(sample, f"{name}/estimates").text
        for theme in ("light", "dark"):
            (folder / f"{name}-{theme}.html").write_text(page_of(text, theme), encoding="utf-8")
    return folder


def cells(page):
    return page.locator(".tryit table").first.locator("tbody td:nth-child(2)").all_inner_texts()


@pytest.mark.parametrize("name", ["ne34", "nations"])
def test_an_answer_follows_a_choice_within_two_seconds(opened, name):
    page = opened(name)
    page.locator(".tryit summary").click()
    before = cells(page)
    start = time.monotonic()
    page.locator("select[name=weights]").select_option("nearest-5")
    assert cells(page) != before
    assert time.monotonic() - start < 2
    assert "turn" in page.locator(".tryit-said").inner_text()
    assert "-p weights=nearest-5" in page.locator(".tryit pre").first.inner_text()


def test_the_address_keeps_the_choice(opened):
    page = opened("ne34")
    page.locator(".tryit summary").click()
    page.locator("select[name=estimator]").select_option("direct")
    page.locator("select[name=without]").select_option("benxi")
    page.locator("select[name=first]").select_option("2006")
    shown, address = cells(page), page.url
    again = opened("ne34", "#" + address.partition("#")[2])
    assert cells(again) == shown
    again.get_by_role("button", name="Back to the book").click()
    assert "#" not in again.url
    assert "book's own choice" in again.locator(".tryit-said").inner_text()


def test_an_address_that_asks_for_what_there_is_not_gets_the_books_choice(opened):
    page = opened("ne34", "#try:weights=constructor&first=1066&without=atlantis&model=%3Cb%3E")
    assert "book's own choice" in page.locator(".tryit-said").inner_text()


def test_a_refusal_is_told_in_the_packages_words(opened):
    page = opened("ne34", "#try:first=2020&last=2020")
    assert "periods leave" in page.locator(".tryit-said").inner_text()
    page.locator("select[name=first]").select_option("2005")
    assert len(cells(page)) > 5


def test_a_box_is_worked_by_keyboard(opened):
    page = opened("ne34")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    before = cells(page)
    page.keyboard.press("ArrowDown")
    assert cells(page) != before
    assert page.evaluate("document.activeElement.name") == "weights"
    page.locator("select[name=without]").focus()
    page.keyboard.press("ArrowDown")
    assert page.get_by_role("button", name="take").count() == 1
    assert page.evaluate("document.activeElement.name") == "without"
    assert "-p without=" in page.locator(".tryit pre").first.inner_text()


def test_a_place_on_the_map_is_left_out_and_taken_back(opened):
    page = opened("ne34")
    page.locator(".tryit summary").click()
    page.locator(".tryit-map circle").first.click()
    assert page.locator(".tryit-map .gone").count() == 1
    page.locator(".tryit-map .gone").click()
    assert page.locator(".tryit-map .gone").count() == 0
    assert "book's own choice" in page.locator(".tryit-said").inner_text()


@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1440)])
def test_everyone_can_use_a_box(opened, theme, width):
    page = opened("ne34", "#try:weights=nearest-5&model=sar&without=benxi", theme, width)
    page.evaluate(AXE)
    assert page.evaluate(RUN) == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_without_scripts_nothing_is_promised(opened):
    page = opened("ne34", java_script_enabled=False)
    assert page.locator("main").inner_text().strip() == "A box"


@pytest.mark.parametrize("name", ["ne34", "nations"])
def test_the_lines_below_a_box_make_the_same_in_python(opened, monkeypatch, name):
    gone = {"ne34": "benxi", "nations": "CHN"}[name]
    page = opened(name, f"#try:weights=nearest-5&model=sar&first=2004&without={gone}")
    monkeypatch.chdir(ROOT)
    names: dict = {}
    exec(page.locator(".tryit pre").nth(1).inner_text(), names)
    rho = spatial.fit(names["sample"].panel, names["model"], names["sample"].weights).params["rho"]
    first = page.locator(".tryit table").first
    shown = first.locator("tr", has_text="(ρ)").locator("td").first.inner_text()
    assert shown.replace("−", "-").startswith(f"{rho:.3f}")
    rerun = page.locator(".tryit pre").first.inner_text().replace("\n", " ")
    asked = dict(part.split("=") for part in rerun.split(" ") if "=" in part)
    declared = parameters.of_notebook(ROOT / "notebooks" / f"{name}/estimates.py")
    assert {key: declared[key].read(value) for key, value in asked.items()}["without"] == [gone]
