"""The page that reads a printed rho: the package's numbers, told faults, by keyboard and on a phone."""

import numpy as np
import pandas as pd
import pytest
from test_box import AXE, RUN, page_of

from analysis.inference.implied_rho import expected_rho, implied_rho
from analysis.papers.places import cities
from analysis.study import tryit
from analysis.weights import inverse_distance, k_nearest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rho")
    points = pd.DataFrame(
        [(0, "inverse-distance", 0.2, -0.25)], columns=["place", "weights", "true_rho", "mean"]
    )
    text = tryit.printed_rho(
        {"34 cities": cities("ne34")}, points, printed=0.18, error=0.068, periods=20,
        weights="inverse-distance",
    ).text  # fmt: skip
    for theme in ("light", "dark"):
        (folder / f"rho-{theme}.html").write_text(page_of(text, theme), encoding="utf-8")
    return folder


def said(page):
    return page.locator(".tryit .answer").inner_text().replace("−", "-")


def test_the_answer_is_the_packages(opened):
    w = inverse_distance(cities("ne34"))
    found = implied_rho(w, 0.18, 0.068)
    page = opened("rho")
    assert f"stands for a true ρ of {found.truth:.2f}; " in said(page)
    assert f"stands for {found.lower:.2f} to {found.upper:.2f}." in said(page)
    note = page.locator(".tryit-note").inner_text().replace("−", "-")
    assert f"tends to {expected_rho(w, 0):.2f}" in note
    assert page.locator(".tryit svg .point").count() == 1
    page.locator("[name=weights]").select_option("nearest-5")
    near = implied_rho(k_nearest(cities("ne34"), 5), 0.18, 0.068)
    assert f"true ρ of {near.truth:.2f}; " in said(page)
    assert page.locator(".tryit svg .point").count() == 0


def test_coordinates_can_be_pasted_with_a_head_and_names(opened):
    places = cities("ne34").head(12)
    lines = "\n".join(f"{name}, {row.lon}, {row.lat}" for name, row in places.iterrows())
    page = opened("rho")
    page.locator("[name=places]").select_option("own")
    assert "too few" in said(page).lower()
    page.locator("[name=own]").fill("name, lon, lat\n" + lines)
    page.locator("[name=printed]").fill("-0.6")
    found = implied_rho(inverse_distance(places), -0.6, 0.068)
    assert f"true ρ of {found.truth:.2f}; " in said(page)
    again = opened("rho", "#" + page.url.partition("#")[2])
    assert said(again) == said(page)
    page.locator("[name=own]").fill("a, 1, 2\nb, 300, 2")
    assert "line 2" in said(page).lower()


@pytest.mark.parametrize("field", ["printed", "t", "error"])
def test_what_cannot_be_read_is_told(opened, field):
    page = opened("rho")
    page.locator(f"[name={field}]").fill("3" if field == "printed" else "-3")
    assert "stands for" not in said(page)
    assert page.locator(".answer.refused").count() == 1
    page.locator(f"[name={field}]").fill("0.1" if field != "t" else "8")
    assert "stands for" in said(page)


def test_an_error_that_is_not_printed_comes_from_the_information(opened):
    page = opened("rho")
    page.locator("[name=error]").fill("")
    assert "No error was given" in page.locator(".tryit-note").inner_text()
    assert "interval stands for" in said(page)


def test_the_map_of_turning_signs_has_the_packages_numbers(opened):
    page = opened("rho")
    page.wait_for_selector(".tryit[data-filled]", state="attached", timeout=60_000)
    shown = page.locator(".tryit figure:nth-of-type(2) rect + text").all_text_contents()
    made = page.evaluate(
        """() => { let state = 20090131;
        const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
        return Array.from({length: 34}, () => [110 + 10 * next(), 30 + 8 * next()]); }"""
    )
    places = pd.DataFrame(made, columns=["lon", "lat"])
    truth = implied_rho(k_nearest(places, round(0.2 * 33)), 0).truth
    assert f"{truth:.2f}" in shown
    assert len(shown) == 35
    assert np.all([text == "all" or 0 < float(text) < 1 for text in shown])


@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1440)])
def test_everyone_can_use_the_page(opened, theme, width):
    page = opened("rho", "#rho:places=random&n=40", theme, width)
    page.wait_for_selector(".tryit[data-filled]", state="attached", timeout=60_000)
    page.evaluate(AXE)
    assert page.evaluate(RUN) == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
