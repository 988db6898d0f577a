"""The page: one file that needs nothing from outside, made from report.json alone."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Any

from beholden.evaluate.report import plots
from beholden.evaluate.report.covering_section import covering_section
from beholden.evaluate.report.data_sheet import GLOSSARY, data_sheet, how_made
from beholden.evaluate.report.group_section import group_section
from beholden.evaluate.report.model_card import model_card
from beholden.evaluate.report.operating_section import operating_section
from beholden.evaluate.report.picture_sections import enrolment_section, identification_section, verification_section
from beholden.evaluate.report.plain_words import plain_words
from beholden.evaluate.report.shown import Plot, Section, Values
from beholden.evaluate.report.video_section import video_section
from beholden.model.errors import MissingInput

TEMPLATE = "page.html.j2"


def need_renderers() -> None:
    """Raise MissingInput, before anything is measured, where the page cannot be made."""
    plots.need_matplotlib()
    try:
        import jinja2  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError as error:
        raise MissingInput("the package jinja2 is not installed", advice=plots.ADVICE) from error


def make_page(values: Values) -> str:
    """The HTML of a report. `values`: all of report.json. Raises MissingInput without the extra `evaluate`."""
    need_renderers()
    from jinja2 import Environment, StrictUndefined

    text = (resources.files("beholden.evaluate.report") / TEMPLATE).read_text(encoding="utf-8")
    maker = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    about = values["material"]["about"]
    page: str = maker.from_string(text).render(
        title=about["title"],
        synthetic=about["synthetic"],
        words=plain_words(values),
        sections=[_with_images(section) for section in sections(values)],
        glossary=GLOSSARY,
        version=values["apparatus"]["beholden"],
    )
    return page


def sections(values: Values) -> Iterator[Section]:
    """Every section, in the order of the page; parts that were not measured have none."""
    parts = values["parts"]
    yield operating_section(values["operating_point"])
    if "video" in parts:
        yield video_section(parts["video"])
    if "identification" in parts:
        yield identification_section(parts["identification"])
    if "verification" in parts:
        yield verification_section(parts["verification"])
    if "enrolment" in parts:
        yield enrolment_section(parts["enrolment"])
    if "covering" in parts or "real_clips" in parts:
        yield covering_section(parts.get("covering"), parts.get("real_clips"))
    yield group_section(parts)
    yield model_card(values)
    yield data_sheet(values["material"])
    yield how_made(values)


def _with_images(section: Section) -> dict[str, Any]:
    return {"section": section, "plots": [(plot, plots.data_uri(plot), alt_text(plot)) for plot in section.plots]}


def alt_text(plot: Plot) -> str:
    """What a plot shows, for those who do not see it: its title, what is in it, and where its figures are."""
    return f"{plot.title}. {plot.says} All figures are in the table below the plot."
