"""Files as they come, one invented file for each layout, become tables by a mapping that is kept."""

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.cli import app
from analysis.errors import RawDataError, StudyFileError
from analysis.study.ingest import KEYS, factor, ingest
from analysis.study.ingest import _workbook as read_workbook
from analysis.study.names import Names

PLACES = """id,code,zh,en,province_en,province,lon,lat
anshan,210300,鞍山市,Anshan,Liaoning,辽宁省,123.0,41.1
jilin,220200,吉林市,Jilin,Jilin,吉林省,126.6,43.8
changchun,220100,长春市,Changchun,Jilin,吉林省,125.3,43.9
maanshan,340500,马鞍山市,Maanshan,Anhui,安徽省,118.5,31.7
xiangyang,420600,襄阳市,Xiangyang,Hubei,湖北省,112.1,32.0
"""
HEAD = """
[output]
folder = "out"
[places]
file = "places.csv"
id = "id"
names = ["code", "zh", "en"]
province = ["province_en", "province"]
old = { "襄樊市" = "襄阳市" }
skip = ["全国"]
"""


@pytest.fixture
def made(tmp_path):
    """Write files and a mapping, ingest, and return the tables by name with the log."""
    (tmp_path / "places.csv").write_text(PLACES, encoding="utf-8")

    def make(mapping, **contents):
        for name, content in contents.items():
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        (tmp_path / "map.toml").write_text(HEAD + mapping, encoding="utf-8")
        written = ingest(tmp_path / "map.toml")
        tables = {path.stem: pd.read_csv(path) for path in written if path.suffix == ".csv"}
        return {k: t if k == "ingest" else t.set_index([*t.columns[:2]]) for k, t in tables.items()}

    return make


def workbook(rows, sheet="面板数据"):
    held = io.BytesIO()
    with pd.ExcelWriter(held, engine="openpyxl") as writer:
        pd.DataFrame([["notes"]]).to_excel(writer, sheet_name="说明", header=False, index=False)
        pd.DataFrame(rows).to_excel(writer, sheet_name=sheet, header=False, index=False)
    return held.getvalue()


LONG = """
[tables.gdp]
file = "gdp.csv"
unit = "城市"
period = "年份"
shift = -1
[tables.gdp.columns.gdp]
from = "地区生产总值"
in = "万元"
to = "10^8 yuan"
"""


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_long_file_of_either_coding(made, coding):
    text = '年份,城市,地区生产总值\n2004,长　春,"12,345,678"\n'
    text += "2004.0,襄樊市,2000000\n2004,全国,9\n2004,210300,—\n"
    tables = made(LONG, gdp__csv=text.encode(coding))
    assert tables["gdp"]["gdp"].to_dict() == {
        ("changchun", 2003): 1234.5678,
        ("xiangyang", 2003): 200,
    }
    log = tables["ingest"].astype(str)
    assert ("襄樊市", "xiangyang") in set(zip(log["before"], log["after"], strict=True))
    assert {"times 0.0001", "year of the file to year of the data"} <= set(log["what"])
    assert log["before"].isin(["—", "全国"]).sum() == 2


def test_two_rows_of_headings_and_province_rows(made):
    rows = [
        ["2-5 地区生产总值", None, None], ["单位：亿元", None, None], ["城市", "地区生产总值", None],
        [None, "全市", "市辖区"], ["吉林省", 300, 200], ["吉林", 100, 80], ["长春市", 200, 120],
        ["辽宁省", 50, 40], ["鞍山市", 50, 40],
    ]  # fmt: skip
    tables = made(
        """
[tables.gdp]
file = "book_{year}.xlsx"
sheet = "面板数据"
header = [3, 4]
unit = "城市"
province_rows = true
shift = -1
[tables.gdp.columns.gdp]
from = "地区生产总值_全市"
""",
        book_2011__xlsx=workbook(rows),
    )
    whole = {("anshan", 2010): 50, ("changchun", 2010): 200, ("jilin", 2010): 100}
    assert tables["gdp"]["gdp"].to_dict() == whole


def test_a_wide_file_and_a_matrix(made):
    tables = made(
        """
[tables.co2]
file = "matrix.xlsx"
sheet = "面板数据"
layout = "matrix"
unit = "city"
[tables.co2.columns.co2]
in = "Mt"
to = "10^4 tonnes"
[tables.across]
file = "across.csv"
layout = "matrix"
period = "year"
columns.y = {}
[tables.people]
file = "wide.csv"
layout = "wide"
unit = "Name"
pattern = "{name} {year}"
columns.population = { from = "Pop" }
""",
        matrix__xlsx=workbook(
            [["city", 2003.0, 2004.0], ["吉林吉林", 1, 2], ["安徽马鞍山", 3, None]]
        ),
        across__csv="year,鞍山,Jilin\n2003,1,2\n",
        wide__csv="Name,Pop 2003,Pop 2004\nAnshan,5,6\n",
    )
    assert tables["co2"]["co2"].to_dict() == {
        ("jilin", 2003): 100, ("jilin", 2004): 200, ("maanshan", 2003): 300,
    }  # fmt: skip
    assert tables["across"]["y"].to_dict() == {("anshan", 2003): 1, ("jilin", 2003): 2}
    assert tables["people"]["population"].to_dict() == {("anshan", 2003): 5, ("anshan", 2004): 6}


def test_reports_become_counts_and_provinces_keep_their_table(made, tmp_path):
    (tmp_path / "reports").mkdir()
    text = "加强环境保护，治理污染。".encode("gb18030")
    (tmp_path / "reports" / "鞍山_2010.txt").write_bytes(text)
    tables = made(
        """
[tables.reports]
file = "reports/{unit}_{year}.txt"
layout = "reports"
[tables.prices]
file = "prices.csv"
unit = "省"
period = "年"
level = "province"
columns.deflator = { from = "指数" }
""",
        prices__csv="省,年,指数\n吉林,2010年,104\n辽宁省,2010年,103\n",
    )
    assert tables["reports"].loc[("anshan", 2010)].to_dict() == {
        "environment_words": 2,
        "total_words": 10,
    }
    assert tables["prices"]["deflator"].to_dict() == {("Jilin", 2010): 104, ("Liaoning", 2010): 103}


def test_a_report_in_another_coding_is_named(made):
    with pytest.raises(RawDataError, match=r"鞍山_2010.txt: no Chinese characters"):
        made(
            '[tables.reports]\nfile = "{unit}_{year}.txt"\nlayout = "reports"\n',
            鞍山_2010__txt="ÄÖÜ",
        )


def test_html_and_locked_workbooks_that_call_themselves_xls(made):
    import msoffcrypto
    from msoffcrypto.format.ooxml import OOXMLFile

    held = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook([["城市", "年份", "x"], ["鞍山", 2010, 7]]))).encrypt(
        "VelvetSweatshop", held
    )
    assert msoffcrypto.OfficeFile(held).is_encrypted()
    html = "<table><tr><td>城市</td><td>年份</td><td>y</td></tr>"
    html += "<tr><td>吉林市</td><td>2010</td><td>8</td></tr></table>"
    tables = made(
        """
[tables.x]
file = "locked.xls"
sheet = "面板数据"
unit = "城市"
period = "年份"
columns.x = {}
[tables.y]
file = "html.xls"
unit = "城市"
period = "年份"
columns.y = {}
""",
        locked__xls=held.getvalue(),
        html__xls=html.encode("gb18030"),
    )
    assert tables["x"]["x"].to_dict() == {("anshan", 2010): 7}
    assert tables["y"]["y"].to_dict() == {("jilin", 2010): 8}


def test_a_grid_is_summed_around_each_place(made, tmp_path):
    import xarray

    lat, lon = np.arange(30, 45, 0.5), np.arange(110, 128, 0.5)
    cells = np.zeros((len(lat), len(lon)))
    cells[np.abs(lat - 41).argmin(), np.abs(lon - 123).argmin()] = 5e4
    grid = xarray.Dataset({"emissions": (("lat", "lon"), cells)}, {"lat": lat, "lon": lon})
    grid.to_netcdf(tmp_path / "EDGAR_2010.nc")
    tables = made("""
[tables.co2]
file = "EDGAR_{year}.nc"
layout = "grid"
radius = 30
columns.co2 = { from = "emissions", in = "tonnes", to = "10^4 tonnes" }
""")
    assert tables["co2"].loc[("anshan", 2010), "co2"] == 5
    assert tables["co2"]["co2"].sum() == 5


def test_everything_wrong_is_said_at_once_and_nothing_is_written(made, tmp_path):
    text = "年份,城市,地区生产总值\n2004,鞍山县城,1\n二千,长春,2\n2004,吉林市,约3\n"
    more = LONG.replace("tables.gdp", "tables.more").replace("地区生产总值", "生产总值")
    with pytest.raises(RawDataError) as error:
        made(LONG + more, gdp__csv=text)
    said = str(error.value)
    assert "'鞍山县城' is no known place, did you mean" in said
    assert "no year in 二千 (row 3)" in said
    assert "no number in row 4 (约3)" in said
    assert "[tables.more] gdp.csv: no column '生产总值', did you mean '地区生产总值'" in said
    assert not (tmp_path / "out").exists()


def test_the_mapping_and_the_log_stay_beside_the_tables(made, tmp_path):
    made(LONG, gdp__csv="年份,城市,地区生产总值\n2004,鞍山,1\n")
    kept = {path.name for path in (tmp_path / "out").iterdir()}
    assert kept == {"gdp.csv", "ingest.csv", "map.toml"}
    again = CliRunner().invoke(
        app, ["ingest", str(tmp_path / "map.toml"), "-o", str(tmp_path / "b")]
    )
    assert again.exit_code == 0, again.output
    assert (tmp_path / "b" / "gdp.csv").read_bytes() == (tmp_path / "out" / "gdp.csv").read_bytes()


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        (LONG.replace("shift", "shfit"), "unknown key shfit, did you mean 'shift'"),
        (LONG.replace('to = "10^8 yuan"', ""), "needs both in and to"),
        (LONG.replace('file = "gdp.csv"', ""), "file is missing: path"),
        ("", r"there is no \[tables.NAME\]"),
        (
            LONG.replace('file = "gdp.csv"', 'file = "gdp.csv"\nheader = 3'),
            "header = 3 must be a list",
        ),
        (
            LONG.replace('file = "gdp.csv"', 'file = "gdp.csv"\nlayout = "logn"'),
            "no layout 'logn', did",
        ),
    ],
)
def test_a_mistake_in_the_mapping_is_named(made, mapping, says):
    with pytest.raises(StudyFileError, match=says):
        made(mapping)


def test_units_that_measure_other_things_are_refused():
    with pytest.raises(StudyFileError, match=r"in yuan.* in persons"):
        factor("万元", "万人")
    with pytest.raises(StudyFileError, match="'万员' is not known"):
        factor("万员", "万人")


def test_a_name_is_never_taken_for_a_part_of_another():
    places = pd.read_csv(io.StringIO(PLACES), dtype=str)
    known = Names.of(places, "id", ["code", "zh", "en"], ["province_en", "province"])
    for label, wanted in {
        "鞍山": "anshan", "安徽马鞍山": "maanshan", "马鞍山市": "maanshan", "吉林吉林": "jilin",
        "吉林市": "jilin",
        "吉林省": None, "340500.0": "maanshan", "ANSHAN": "anshan", "鞍": None, "山市": None,
    }.items():  # fmt: skip
        assert known.find(label) == wanted, label
    assert known.find("鞍山", "安徽省") is None


def test_every_key_of_a_mapping_is_explained_on_the_page():
    page = (Path(__file__).parents[2] / "book" / "own_study.md").read_text(encoding="utf-8")
    for section, keys in KEYS.items():
        part = page.partition(f"### `[{section}]` of a mapping")[2].partition("###")[0]
        for key, said in keys.items():
            assert re.search(rf"`{key}` .*{re.escape(said.meaning)} \|", part), f"{section}.{key}"


@pytest.mark.seconds
def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unopened(tmp_path):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(6):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", bytes(100 * 2**20))
    assert len(held.getvalue()) < 2**20
    with pytest.raises(RawDataError, match="unpacks to 600 MB"):
        read_workbook(tmp_path / "bomb.xlsx", held.getvalue(), "")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[tables.gdp]", '[tables."../../gdp"]', r"\[tables\.\.\./\.\./gdp\] writes no"),
        ("[tables.gdp]", '[tables.gdp]\noutput = "/tmp/gdp.csv"', "named by letters"),
        ("[tables.gdp]", '[tables.gdp]\noutput = ".."', "named by letters"),
        ("[tables.gdp]", '[tables.gdp]\noutput = "ingest.csv"', "not as the log or the mapping"),
        ("[tables.gdp]", '[tables.gdp]\noutput = "map.toml"', "not as the log or the mapping"),
        ('folder = "out"', 'folder = "../out"', "lies outside its own; name it by --output"),
    ],
)
def test_a_mapping_writes_into_its_own_folder_alone(tmp_path, old, new, says):
    home = tmp_path / "home"
    home.mkdir()
    (home / "places.csv").write_text(PLACES, encoding="utf-8")
    (home / "gdp.csv").write_text("城市,年份,地区生产总值\n鞍山,2004,1\n", encoding="utf-8")
    text = HEAD + LONG.replace(old, new, 1) if old in LONG else HEAD.replace(old, new) + LONG
    if "../../gdp" in new:
        text = text.replace("[tables.gdp.columns", '[tables."../../gdp".columns')
    (home / "map.toml").write_text(text, encoding="utf-8")
    with pytest.raises((StudyFileError, RawDataError), match=says):
        ingest(home / "map.toml")
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted(
        ["home", "places.csv", "gdp.csv", "map.toml"]
    )
