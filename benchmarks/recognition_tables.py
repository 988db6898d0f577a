"""The tables of recognition.py in Markdown, out of its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Values = Mapping[str, Any]
FMRS = ("1e-03", "1e-04")


def all_tables(values: Values) -> list[str]:
    lines: list[str] = []
    for title, rows in (
        ("As shipped, at its own thresholds, by face width", baseline(values["variants"][0])),
        ("Variants: difference in FNMR, in points, mean over sizes", variants(values["variants"])),
        ("Variants by size: difference in FNMR at FMR 1e-3, in points", by_size(values["variants"], FMRS[0])),
        ("Variants by size: difference in FNMR at FMR 1e-4, in points", by_size(values["variants"], FMRS[1])),
        ("Variants by size: difference in room", by_size(values["variants"], "room")),
        ("The shipped product, everybody in the gallery", shipped(values["shipped"]["everybody"])),
        ("The shipped product, people held out", shipped(values["shipped"]["held out"])),
        ("Single pictures of volunteers", variants(values["volunteers"]["single_pictures"])),
        ("Volunteers enrolled by pose", poses(values["volunteers"]["enrolments"])),
        ("The same, beside three frontal pictures pooled", variants(values["volunteers"]["beside_three_pooled"])),
        ("Synthetic profiles at the shipped threshold", profiles(values["synthetic"])),
    ):
        lines += [f"## {title}", "", *rows, ""]
    return lines


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(each)} |" for each in (heads, ["---"] * len(heads), *rows)]


def rate(values: Values) -> str:
    """As percent, with its bounds."""
    if values["rate"] is None:
        return "-"
    return f"{100 * values['rate']:.1f}% ({100 * values['low']:.1f}-{100 * values['high']:.1f})"


def points(values: Values, scale: float = 100.0) -> str:
    """A difference with its bounds; marked where zero is outside."""
    value, low, high = (scale * values[name] for name in ("value", "low", "high"))
    return f"{value:+.2f} ({low:+.2f} to {high:+.2f}){'*' if low > 0 or high < 0 else ''}"


def baseline(first: Values) -> list[str]:
    rows = [
        [width, *(rate(cell["fnmr"][fmr]) for fmr in FMRS), str(cell["fnmr"][FMRS[0]]["trials"]), f"{cell['room']:.2f}"]
        for width, cell in first["cells"].items()
    ]
    return table(["px", *(f"FNMR at FMR {fmr}" for fmr in FMRS), "tracks", "room"], rows)


def variants(found: Sequence[Values]) -> list[str]:
    rows = [
        [
            each.get("family", ""),
            each["name"],
            str(each.get("embeddings", "")),
            *(points(each["difference"][fmr]) for fmr in FMRS),
            points(each["difference"]["room"], 1.0),
        ]
        for each in found
    ]
    return table(["family", "variant", "embeddings", *(f"at FMR {fmr}" for fmr in FMRS), "room"], rows)


def by_size(found: Sequence[Values], column: str) -> list[str]:
    sizes = list(found[0]["cells"])
    scale = 1.0 if column == "room" else 100.0

    def shown(each: Values, width: str) -> str:
        cell = each["cells"].get(width)
        return "" if cell is None else points(cell["difference"][column], scale)

    return table(["variant", *sizes], [[each["name"], *(shown(each, width) for width in sizes)] for each in found])


def shipped(sizes: Sequence[Values]) -> list[str]:
    rows = [
        [
            str(each["width"]),
            rate(each["fnir"]),
            rate(each["below_threshold"]),
            rate(each["fpir"]),
            f"{each['tracks_short_of_five_shots']} of {each['fnir']['trials']}",
        ]
        for each in sizes
    ]
    return table(["px", "FNIR", "below the threshold", "FPIR", "tracks short of five shots"], rows)


def poses(found: Sequence[Values]) -> list[str]:
    buckets = list(found[0]["cells"])
    heads = [f"{bucket} ({found[0]['cells'][bucket]['fnmr'][FMRS[0]]['trials']})" for bucket in buckets]
    rows = [
        [each["name"], fmr, *(rate(each["cells"][bucket]["fnmr"][fmr]) for bucket in buckets)]
        for each in found
        for fmr in FMRS
    ]
    rows += [
        [f"{each['name']}: difference", fmr, *(points(each["cells"][b]["difference"][fmr]) for b in buckets)]
        for each in found[1:]
        for fmr in FMRS
    ]
    return table(["enrolled", "FMR", *heads], rows)


def profiles(values: Values) -> list[str]:
    columns = ("profile_fnmr_at_own_threshold", "profile_fnmr", "profile_fmr", "frontal_fnmr", "frontal_fmr")
    rows = [[each["name"], *(rate(each[column]) for column in columns)] for each in values["enrolments"]]
    accepted = (
        f"Of {values['profiles']} profiles, enrolment accepts {values['accepted_at_enrolment']}, "
        f"a camera {values['accepted_at_a_camera']}."
    )
    heads = ["enrolled", "profiles FNMR at own FMR .05", "profiles FNMR", "profiles FMR", "frontal FNMR", "frontal FMR"]
    return [*table(heads, rows), "", accepted]
