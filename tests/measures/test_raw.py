"""A raw file that breaks its contract is refused with the file, the row, the city and the year."""

import re

import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.cli import app
from analysis.errors import DomainError, GapError, RawDataError
from analysis.papers.ne34.measures import CONTRACT, variables
from analysis.resources import ROOT


def edit(folder, file, change):
    path = folder / file
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(change(lines)) + "\n", encoding="utf-8")


def replace_cell(folder, file, city, year, column, value):
    def change(lines):
        header = lines[0].split(",")
        for k, line in enumerate(lines):
            if line.startswith(f"{city},{year},"):
                cells = line.split(",")
                cells[header.index(column)] = value
                lines[k] = ",".join(cells)
        return lines

    edit(folder, file, change)


def test_sound_files_come_back_as_written(folder, tables, required):
    read = CONTRACT.read(folder, required)
    for name, table in tables.items():
        expected = table.sort_index()
        pd.testing.assert_frame_equal(read[name], expected[read[name].columns])


def test_a_missing_folder_lists_the_files_it_should_hold(tmp_path, required):
    with pytest.raises(RawDataError, match=r"no such folder.*employment.csv"):
        CONTRACT.read(tmp_path / "nowhere", required)


def test_a_missing_file_names_the_near_match(folder, required):
    (folder / "co2.csv").rename(folder / "co2s.csv")
    with pytest.raises(RawDataError, match=r"co2.csv: file is missing, did you mean 'co2s.csv'"):
        CONTRACT.read(folder, required)


def test_an_empty_file_is_refused(folder, required):
    (folder / "fdi.csv").write_text("", encoding="utf-8")
    with pytest.raises(RawDataError, match=r"fdi.csv.*is empty"):
        CONTRACT.read(folder, required)


def test_a_header_without_rows_is_refused(folder, required):
    edit(folder, "fdi.csv", lambda lines: lines[:1])
    with pytest.raises(RawDataError, match=r"fdi.csv: a header and no rows"):
        CONTRACT.read(folder, required)


def test_a_file_in_the_coding_of_yearbooks_is_read(folder, required, tables):
    path = folder / "gdp.csv"
    path.write_bytes(path.read_text(encoding="utf-8").replace("anshan", "鞍山市").encode("gb18030"))
    found = CONTRACT.read(folder, required)["gdp"]
    pd.testing.assert_frame_equal(found, tables["gdp"].sort_index())


def test_another_encoding_is_named(folder, required):
    (folder / "gdp.csv").write_bytes("cité,year\n".encode("latin-1") + b"\xff")
    with pytest.raises(RawDataError, match=r"gdp.csv is not UTF-8 or GB18030; save it as UTF-8"):
        CONTRACT.read(folder, required)


def test_a_byte_order_mark_and_extra_columns_are_harmless(folder, required, tables):
    path = folder / "co2.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text(
        "\n".join(f"{line},{'note' if k == 0 else 'x'}" for k, line in enumerate(lines)),
        encoding="utf-8-sig",
    )
    assert list(CONTRACT.read(folder, required)["co2"].columns) == ["co2"]


def test_a_misspelt_column_is_named_with_the_right_one(folder, required):
    edit(
        folder, "gdp.csv", lambda lines: [lines[0].replace("population", "popluation"), *lines[1:]]
    )
    with pytest.raises(RawDataError, match=r"no column 'population', did you mean 'popluation'"):
        CONTRACT.read(folder, required)


def test_a_repeated_column_is_refused(folder, required):
    edit(folder, "co2.csv", lambda lines: [line + "," + line.split(",")[-1] for line in lines])
    with pytest.raises(RawDataError, match=r"column co2 occurs more than once"):
        CONTRACT.read(folder, required)


def test_semicolons_are_refused(folder, required):
    edit(folder, "co2.csv", lambda lines: [line.replace(",", ";") for line in lines])
    with pytest.raises(RawDataError, match=r"co2.csv: no column"):
        CONTRACT.read(folder, required)


def test_a_row_with_too_many_cells_is_refused(folder, required):
    edit(folder, "co2.csv", lambda lines: [*lines[:3], lines[3] + ",1,2", *lines[4:]])
    with pytest.raises(
        RawDataError, match=r"(?s)co2.csv is no table of comma-sep.*separators and quotes"
    ):
        CONTRACT.read(folder, required)


@pytest.mark.parametrize("text", ["1.234,5", "--", "12 345", "n.a.", "1e"])
def test_text_where_a_number_belongs_is_named(folder, required, text):
    replace_cell(folder, "co2.csv", "anshan", 2005, "co2", f'"{text}"')
    with pytest.raises(RawDataError, match=r"co2.csv: column 'co2'.*not a number.*anshan 2005"):
        CONTRACT.read(folder, required)


@pytest.mark.parametrize("value", ["-3", "0", "inf"])
def test_a_value_outside_its_range_is_named(folder, required, value):
    replace_cell(folder, "gdp.csv", "dalian", 2004, "gdp", value)
    with pytest.raises(RawDataError, match=r"gdp.csv: column 'gdp' \(10\^8 yuan\).*dalian 2004"):
        CONTRACT.read(folder, required)


def test_the_row_number_is_the_line_of_the_file(folder, required):
    replace_cell(folder, "co2.csv", "anshan", 2005, "co2", "-1")
    lines = (folder / "co2.csv").read_text(encoding="utf-8").splitlines()
    line = next(k for k, text in enumerate(lines, 1) if text.startswith("anshan,2005"))
    with pytest.raises(RawDataError, match=rf"row {line} \(anshan 2005"):
        CONTRACT.read(folder, required)


def test_counts_must_be_whole(folder, required):
    replace_cell(folder, "reports.csv", "anshan", 2005, "environment_words", "31.5")
    with pytest.raises(RawDataError, match=r"whole number.*anshan 2005"):
        CONTRACT.read(folder, required)


def test_a_gap_where_none_is_allowed_is_named(folder, required):
    replace_cell(folder, "co2.csv", "anshan", 2005, "co2", "")
    with pytest.raises(RawDataError, match=r"co2.csv.*is empty in row \d+ \(anshan 2005\)"):
        CONTRACT.read(folder, required)


def test_an_unknown_city_is_named_with_the_near_match(folder, required):
    edit(folder, "fdi.csv", lambda ls: [line.replace("shenyang,", "shenyan,") for line in ls])
    with pytest.raises(RawDataError, match=r"unknown city.*shenyan 2003.*did you mean 'shenyang'"):
        CONTRACT.read(folder, required)


@pytest.mark.parametrize("year", ["03", "2003.5", "abc", ""])
def test_a_year_must_be_four_digits(folder, required, year):
    edit(
        folder, "fdi.csv", lambda ls: [line.replace("anshan,2003", f"anshan,{year}") for line in ls]
    )
    with pytest.raises(RawDataError, match=r"fdi.csv.*year"):
        CONTRACT.read(folder, required)


def test_a_city_year_that_occurs_twice_is_named(folder, required):
    edit(folder, "roads.csv", lambda lines: [*lines, lines[1]])
    with pytest.raises(RawDataError, match=r"more than one row for the same city and year"):
        CONTRACT.read(folder, required)


def test_a_missing_city_year_is_named(folder, required):
    edit(folder, "co2.csv", lambda ls: [x for x in ls if not x.startswith("benxi,2006")])
    with pytest.raises(RawDataError, match=r"co2.csv: no row for benxi 2006"):
        CONTRACT.read(folder, required)


def test_a_missing_city_is_named(folder, required):
    edit(folder, "co2.csv", lambda ls: [x for x in ls if not x.startswith("benxi,")])
    with pytest.raises(RawDataError, match=r"no rows for the city benxi.*without"):
        CONTRACT.read(folder, required)


def test_a_missing_year_of_the_exchange_rate_is_named(folder, required):
    edit(folder, "exchange_rate.csv", lambda ls: [x for x in ls if not x.startswith("2005")])
    with pytest.raises(RawDataError, match=r"exchange_rate.csv: no row for 2005"):
        CONTRACT.read(folder, required)


@pytest.mark.parametrize(
    ("file", "column", "value", "message"),
    [
        ("employment.csv", "finance", "9999999", "must not exceed all_industries"),
        ("public_finance.csv", "science", "99999999", "science must not exceed expenditure"),
        ("reports.csv", "environment_words", "99999", "must not exceed total_words"),
        ("gdp.csv", "gdp", "50000000000", "GDP per head"),
        ("gdp.csv", "population", "4000000", "GDP per head"),
    ],
)
def test_columns_that_contradict_each_other_are_named(
    folder, required, file, column, value, message
):
    replace_cell(folder, file, "anshan", 2005, column, value)
    with pytest.raises(RawDataError, match=rf"{file}.*{message}.*anshan 2005"):
        CONTRACT.read(folder, required)


def test_a_gap_at_the_end_is_named_by_file_city_and_year(folder, required):
    replace_cell(folder, "fdi.csv", "anshan", 2007, "fdi", "")
    raw = CONTRACT.read(folder, required)
    with pytest.raises(GapError, match=r"fdi.csv: column 'fdi'.*anshan 2007"):
        variables(raw)


def test_other_years_avoid_a_gap_at_the_end(folder, required):
    replace_cell(folder, "fdi.csv", "anshan", 2007, "fdi", "")
    raw = CONTRACT.read(folder, required)
    assert variables(raw, years=range(2003, 2007)).n_periods == 4


def test_a_year_beyond_the_sample_still_helps_to_interpolate(folder, required):
    replace_cell(folder, "fdi.csv", "anshan", 2006, "fdi", "")
    raw = CONTRACT.read(folder, required)
    around = raw["fdi"].loc["anshan", "fdi"]
    panel = variables(raw, years=range(2003, 2007))
    gdp, rate = raw["gdp"].loc[("anshan", 2006), "gdp"], raw["exchange_rate"].loc[2006].item()
    expected = (around[2005] + around[2007]) / 2 * rate / (gdp * 1e4)
    assert panel.frame.loc[("anshan", 2006), "FDI"] == pytest.approx(expected, rel=1e-12)


def test_one_error_is_a_single_readable_sentence(folder, required):
    replace_cell(folder, "co2.csv", "anshan", 2005, "co2", "-1")
    with pytest.raises(RawDataError) as caught:
        CONTRACT.read(folder, required)
    assert "\n" not in str(caught.value)
    assert not re.search(r"lambda|<function|schema", str(caught.value))


def test_nothing_is_written_when_a_table_is_missing(tmp_path, tables):
    del tables["co2"]
    with pytest.raises(KeyError):
        CONTRACT.write(tables, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_every_column_of_the_contract_is_described():
    assert all(all(row) for row in described(CONTRACT))


def described(contract):
    """Every file and column of a contract with unit, admissible values, gaps and meaning."""
    return [
        (table.file, ", ".join(table.keys), column.name, column.unit, column.allowed,
         "inside the range" if column.gaps else "none", column.meaning)
        for table in contract.tables
        for column in table.columns
    ]  # fmt: skip


def test_the_data_readme_holds_the_contract_as_it_is():
    heads = ("file", "keys", "column", "unit", "values", "gaps", "meaning")
    rows = [heads, ["---"] * len(heads), *described(CONTRACT)]
    checks = [f"- `{t.file}`: {check.expected}." for t in CONTRACT.tables for check in t.checks]
    lines = [*(f"| {' | '.join(row)} |" for row in rows), "", *checks]
    assert "\n".join(lines) in (ROOT / "data" / "README.md").read_text(encoding="utf-8")


def test_a_year_that_no_city_has_is_named_once(folder, required):
    edit(folder, "co2.csv", lambda lines: [line for line in lines if ",2006," not in line])
    with pytest.raises(RawDataError, match=r"co2.csv: no rows for the year 2006; add them"):
        CONTRACT.read(folder, required)


def test_roads_in_square_metres_are_refused(folder, required):
    replace_cell(folder, "roads.csv", "anshan", 2005, "road_area", "30000000")
    with pytest.raises(RawDataError, match=r"roads.csv: road area per head .*anshan 2005"):
        CONTRACT.read(folder, required)


@pytest.mark.parametrize(
    ("file", "column", "value"), [("co2.csv", "co2", "9e7"), ("fdi.csv", "fdi", "9e9")]
)
def test_a_unit_that_only_shows_beside_another_file_is_refused(
    folder, required, file, column, value
):
    replace_cell(folder, file, "anshan", 2005, column, value)
    with pytest.raises(DomainError, match=rf"{file}: .* must lie between .* anshan 2005"):
        variables(CONTRACT.read(folder, required))


def test_years_with_a_decimal_and_chinese_names_and_codes_are_read(folder, required, tables):
    def change(lines):
        lines = [line.replace("anshan,2003", "鞍山市,2003.0") for line in lines]
        return [line.replace("dalian,", "210200,").replace("benxi,", "辽宁本溪,") for line in lines]

    edit(folder, "co2.csv", change)
    found = CONTRACT.read(folder, required)["co2"]
    pd.testing.assert_frame_equal(found, tables["co2"].sort_index())


def test_all_faults_of_all_files_are_listed_at_once(folder, required):
    replace_cell(folder, "co2.csv", "anshan", 2005, "co2", "-1")
    replace_cell(folder, "co2.csv", "dalian", 2005, "co2", "x")
    replace_cell(folder, "gdp.csv", "dalian", 2004, "gdp", "")
    edit(folder, "roads.csv", lambda lines: [*lines, lines[1]])
    with pytest.raises(RawDataError) as caught:
        CONTRACT.read(folder, required)
    said = str(caught.value).split("\n- ")
    assert said[0].startswith("4 faults in")
    assert [sum(file in line for line in said[1:]) for file in ("co2", "gdp", "roads")] == [2, 1, 1]


def test_two_files_are_enough_for_carbon_intensity(tmp_path, tables, required):
    CONTRACT.write(tables, tmp_path)
    for path in tmp_path.glob("*.csv"):
        if path.name not in ("co2.csv", "gdp.csv"):
            path.unlink()
    panel = variables(CONTRACT.read(tmp_path, required, partial=True))
    expected = tables["co2"]["co2"] / tables["gdp"]["gdp"]
    assert panel.frame["Carbon"].to_numpy() == pytest.approx(expected[panel.frame.index].to_numpy())
    assert set(panel.columns) == {"Carbon", "LnPGDP", "PGDP"}
    with pytest.raises(RawDataError, match=r"employment.csv: file is missing"):
        CONTRACT.read(tmp_path, required)


def test_a_misspelt_file_is_no_missing_one(folder, required):
    (folder / "co2.csv").rename(folder / "co2s.csv")
    with pytest.raises(RawDataError, match=r"co2.csv: file is missing, did you mean 'co2s.csv'"):
        CONTRACT.read(folder, required, partial=True)


def test_a_unit_in_the_heading_is_turned_into_the_contracts(folder, required, tables):
    edit(folder, "fdi.csv", lambda lines: ["city,year,fdi [million US dollars]", *lines[1:]])
    found = CONTRACT.read(folder, required)["fdi"]["fdi"]
    assert found.to_numpy() == pytest.approx(100 * tables["fdi"]["fdi"].sort_index().to_numpy())
    edit(folder, "fdi.csv", lambda lines: ["city,year,fdi [yuan]", *lines[1:]])
    with pytest.raises(RawDataError, match=r"fdi.csv: 'yuan' is in yuan"):
        CONTRACT.read(folder, required)


def test_roads_a_head_stand_for_area_and_population(folder, required, tables):
    a_head = tables["roads"]["road_area"] / tables["roads"]["district_population"]
    before = variables(CONTRACT.read(folder, required)).values("LnRD")
    a_head.rename("road_area_per_head").to_csv(folder / "roads.csv")
    after = variables(CONTRACT.read(folder, required)).values("LnRD")
    assert after == pytest.approx(before, abs=1e-12)


def test_the_command_lists_faults_and_what_the_files_suffice_for(folder):
    (folder / "employment.csv").unlink()
    replace_cell(folder, "co2.csv", "anshan", 2005, "co2", "-1")
    done = CliRunner().invoke(app, ["check", str(folder), "--raw", "ne34"])
    assert done.exit_code == 1
    assert "must be a number above 0, is not in row" in done.output
    assert "Coagg: needs employment.csv" in done.output


def test_a_file_in_utf_16_is_told_as_such(folder, required):
    (folder / "gdp.csv").write_bytes("city,year,gdp,population\n".encode("utf-16"))
    with pytest.raises(RawDataError, match=r"gdp.csv is not UTF-8.*UTF-16, Excel's Unicode text"):
        CONTRACT.read(folder, required)
