"""The report's page: it needs nothing from outside, says everything with its bounds, and ranks nobody by chance."""

from __future__ import annotations

import ast
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from beholden.evaluate.report import plots
from beholden.evaluate.report.page import alt_text, make_page, sections
from beholden.evaluate.report.plain_words import plain_words
from beholden.model.errors import MissingInput
from tests.evaluate.report_sample import rate, sample, without

pytest.importorskip("matplotlib", reason="the extra `evaluate` is not installed")
ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "beholden"


class Read(HTMLParser):
    """What a page refers to, its ids, its tags, its images' words, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.refers: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.alts: list[str] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.refers += [value for name, value in given.items() if name in {"src", "href", "srcset", "action", "data"}]
        self.ids += [given["id"]] if "id" in given else []
        self.alts += [given.get("alt", "")] if tag == "img" else []
        if tag == "meta" and given.get("http-equiv"):
            self.text.append(given["content"])

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def page() -> str:
    """The page of the sample."""
    return make_page(sample())


@pytest.fixture(scope="module")
def read(page: str) -> Read:
    """The page, taken apart."""
    return Read(page)


@pytest.fixture
def no_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of words: drawing is what takes time."""
    monkeypatch.setattr(plots, "data_uri", lambda plot: "data:image/png;base64,")


def said(values: dict[str, object]) -> str:
    """All sentences of the first page."""
    return "\n".join(f"{about}: {sentence}" for about, sentence in plain_words(values))


# It needs nothing from outside


def test_a_page_refers_to_itself_only(page: str, read: Read) -> None:
    """Images lie in it, links lead into it, and no style fetches anything."""
    assert read.refers
    assert [each[:40] for each in read.refers if not each.startswith(("data:image/png;base64,", "#"))] == []
    assert "url(" not in page
    assert "@import" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_a_page_runs_nothing(page: str, read: Read) -> None:
    """No script, no frame, no handler; and the browser is told to refuse all that."""
    assert not {"script", "iframe", "object", "embed", "link", "form"} & set(read.tags)
    assert not re.search(r"\son\w+=", re.sub(r'src="data:[^"]*"', "", page))
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in read.text


def test_links_lead_to_a_section(read: Read) -> None:
    """Each link of the contents has its place, and no place is there twice."""
    assert len(read.ids) == len(set(read.ids))
    assert {each[1:] for each in read.refers if each.startswith("#")} <= set(read.ids)


def test_a_plot_has_words_and_a_table(read: Read) -> None:
    """Whoever sees no picture reads what it shows, and its figures."""
    shown = [plot for section in sections(sample()) for plot in section.plots]
    assert read.alts == [alt_text(plot) for plot in shown]
    assert all(plot.says in alt and len(alt) > 60 for plot, alt in zip(shown, read.alts, strict=True))
    assert read.tags.count("details") == len(shown)
    assert all(plot.table.rows and {len(row) for row in plot.table.rows} == {len(plot.table.head)} for plot in shown)


@pytest.mark.usefixtures("no_images")
def test_what_was_given_is_text_and_no_markup() -> None:
    """A title cannot write the page."""
    values = without("verification", "identification", "video", "covering", "real_clips")
    values["material"]["about"]["title"] = "<script>alert(1)</script>"
    made = make_page(values)
    assert "<script" not in made
    assert "&lt;script&gt;" in made


def test_the_same_values_give_the_same_page() -> None:
    """No clock and no chance is in it, images included."""
    values = without("identification", "video", "covering", "enrolment")
    assert make_page(values) == make_page(values)


# What it says


def test_no_rate_stands_without_its_bounds() -> None:
    """Every sentence with a share or `of so many` in it says how sure that is."""
    for about, sentence in plain_words(sample()):
        if about in {"Setting", "Measured on"}:
            continue
        if re.search(r"\d%|^Of \d", sentence):
            assert re.search(r"at most|\d%? to \d", sentence), sentence


def test_where_no_error_was_seen_the_bound_is_said() -> None:
    """Not `never`: at most so many, here none of so many."""
    values = sample()
    values["parts"]["video"]["strangers"]["fpir"] = rate(0, 1200, 0.0, 0.0088)
    assert "Of 1,000 tracks of strangers on video, at most 9 are given a name (here none of 1,200)." in said(values)


@pytest.mark.usefixtures("no_images")
def test_synthetic_people_are_called_so() -> None:
    """At the top of the page and in its first words; of real people neither is said."""
    values = without("verification", "identification", "video", "covering", "real_clips")
    assert "These people are synthetic." in make_page(values)
    assert "who do not exist" in said(values)
    values["material"]["about"]["synthetic"] = False
    assert "synthetic." not in make_page(values)
    assert "do not exist" not in said(values)


def test_a_part_that_was_not_measured_is_named() -> None:
    """It has no section, and its absence is told."""
    values = without("video", "covering", "real_clips")
    names = [section.name for section in sections(values)]
    assert "video" not in names
    assert "covering" not in names
    assert "In this report: video, covering, real clips." in said(values)


def test_real_clips_alone_are_a_section() -> None:
    """Covering needs no composed clip to be told."""
    assert "covering" in [section.name for section in sections(without("covering"))]


def test_an_extrapolated_threshold_is_called_so() -> None:
    """Nobody reads the operating point as measured where it is not."""
    values = sample()
    assert "extrapolated: nobody has measured it" in said(values)
    values["operating_point"]["extrapolated"] = False
    assert "extrapolated" not in said(values)


def test_both_denominators_stand_side_by_side(read: Read) -> None:
    """False alerts per face, per alert and per camera-day."""
    text = " ".join(read.text)
    assert "Per face that passes" in text
    assert "Per alert that is raised" in text
    assert "false alerts per camera-day" in text


def test_groups_with_few_errors_are_not_ranked() -> None:
    """Under 30 errors nothing is said of who does worse, and nothing drawn; a group of few people has no rate."""
    groups = next(section for section in sections(sample()) if section.name == "groups")
    sex = next(table for table in groups.tables if "sex" in table.caption)
    assert [row[0] for row in sex.rows] == ["female", "male", "unsaid"]
    assert sex.rows[2][2] == "fewer than 5 people"
    assert [plot.name for plot in groups.plots] == ["groups-age-fnmr"]
    assert not any("by sex" in text for text in groups.paragraphs)


def test_a_group_with_few_errors_is_hollow_beside_others() -> None:
    """Where two may be compared and a third not, it looks different and its row says so."""
    values = sample()
    third = {"label": "middle", "people": 9, "rate": rate(2, 300, 0.001, 0.03), "rankable": False}
    values["parts"]["verification"]["groups"]["age"]["FNMR"].insert(0, third)
    groups = next(section for section in sections(values) if section.name == "groups")
    assert groups.plots[0].series[0].faint == (0,)
    assert [row[3] for row in groups.plots[0].table.rows] == ["no: not to be ranked", "yes", "yes"]


def test_a_clear_difference_is_told_with_its_bounds() -> None:
    """Where both groups have errors enough."""
    groups = next(section for section in sections(sample()) if section.name == "groups")
    assert "FNMR by age: old is higher than young by 6.7% (3% to 11%)." in groups.paragraphs


def test_a_difference_that_chance_can_make_is_called_so() -> None:
    """Errors enough, and still no ranking."""
    values = sample()
    values["parts"]["verification"]["differences"]["age"]["FNMR"][0] |= {"low": -0.01, "clear": False}
    groups = next(section for section in sections(values) if section.name == "groups")
    assert any("chance can make" in text for text in groups.paragraphs)
    assert not any("is higher than" in text for text in groups.paragraphs)


def test_nobody_enrolled_is_a_report_all_the_same() -> None:
    """Identification without an outcome, an attack on nobody, a day without strangers."""
    values = sample()
    parts = values["parts"]
    parts["identification"]["at_the_products_setting"] = None
    parts["covering"]["attack"] |= {"gallery": 0, "chance": None, "at_chance": None}
    parts["video"]["false_alerts_a_camera_day"] = None
    nothing = {"errors": 0, "trials": 0, "rate": None, "low": None, "high": None, "method": None}
    parts["video"]["mated"]["fnir"] = parts["video"]["strangers"]["fpir"] = nothing
    assert "Strangers: Not measured: there were no tracks of strangers on video." in said(values)
    assert "nothing was searched" in make_page(values)


def test_a_recogniser_of_your_own_has_no_borrowed_facts() -> None:
    """The training data and weaknesses of the shipped one are not told of another."""
    values = sample()
    values["apparatus"]["recogniser"] |= {"name": "mine", "shipped": False}
    card = next(section for section in sections(values) if section.name == "model-card")
    text = " ".join(card.notes)
    assert "VGGFace2" not in text
    assert "18%" not in text
    assert "added by a user" in text


def test_words_that_were_not_given_are_missed() -> None:
    """An empty data sheet says so, and does not look full."""
    values = without("verification", "identification", "video", "covering", "real_clips")
    values["material"]["about"] |= {"consent": "", "not_shown": []}
    sheet = next(section for section in sections(values) if section.name == "data-sheet")
    assert ("What they agreed to", "Not said by whoever made this report.") in sheet.tables[0].rows
    assert "Not shown: Not said by whoever made this report." in sheet.notes


# What makes it


def test_matplotlib_is_a_renderer_in_one_file() -> None:
    """No pyplot, whose state is everybody's; and no plot library where nothing is drawn."""
    users = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
        if name.split(".")[0] == "matplotlib"
    }
    assert users == {"evaluate/report/plots.py"}
    assert "pyplot" not in (SOURCE / "evaluate/report/plots.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("package", ["matplotlib", "matplotlib.figure", "jinja2"])
def test_a_missing_extra_is_said_with_what_to_install(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the tree, and no traceback of an import."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingInput) as caught:
        make_page(sample())
    assert "pip install 'beholden[evaluate]'" in caught.value.advice


@pytest.mark.usefixtures("no_images")
def test_the_page_in_the_documentation_is_what_its_figures_say() -> None:
    """docs/report/report.html is made from the report.json beside it: after a change of words, `make evaluate`."""
    folder = ROOT / "docs" / "report"
    made = make_page(json.loads((folder / "report.json").read_text(encoding="utf-8")))
    kept = (folder / "report.html").read_text(encoding="utf-8")
    image = re.compile(r'src="data:[^"]*"')  # drawn alike by the same libraries only
    assert image.sub("", kept) == image.sub("", made), "run `make evaluate`"
