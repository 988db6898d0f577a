"""The data sheet and how the report was made: what the figures are of, and what would make them again."""

from __future__ import annotations

from collections.abc import Iterator

from beholden.evaluate.report.shown import Section, Table, Values, whole

NOT_SAID = "Not said by whoever made this report."
_ABOUT = (
    ("What", "title"),
    ("Who is in it", "people"),
    ("What they agreed to", "consent"),
    ("Licence", "licence"),
    ("Where it is from", "source"),
    ("Clips", "clips"),
)


def data_sheet(material: Values) -> Section:
    """From `material` of report.json. The words are of whoever made the report, the counts of the program."""
    about = material["about"]
    return Section(
        "data-sheet",
        "Data sheet",
        paragraphs=(
            "The first table has the words of whoever made this report; the program did not check them. The second is "
            "counted.",
        ),
        tables=(
            Table(
                "In the words of whoever made this report",
                ("", "Said"),
                tuple(
                    (said, about[key] or NOT_SAID)
                    for said, key in _ABOUT
                    if about[key] or key != "clips" or material["clips"]
                ),
            ),
            Table("Counted", ("", "Number"), tuple(_counted(material))),
        ),
        notes=(
            *(f"To read the figures: {text}" for text in about["figures"]),
            *(f"Not shown: {text}" for text in about["not_shown"] or (NOT_SAID,)),
            "No picture, name, template or score of a person is in this page or in report.json.",
        ),
    )


def _counted(material: Values) -> Iterator[tuple[str, str]]:
    least, most = material["pictures_of_a_person"]
    yield "People", whole(material["people"])
    yield "Synthetic", "yes: nobody in it exists" if material["about"]["synthetic"] else "no"
    yield "Pictures", whole(material["pictures"])
    yield "Pictures of a person", str(least) if least == most else f"{least} to {most}"
    if material["people_of_one_picture"]:
        yield "People of one picture, who are always strangers", whole(material["people_of_one_picture"])
    if material["people_left_out_for_calibration"]:
        yield "People left out: thresholds were measured on them", whole(material["people_left_out_for_calibration"])
    if material["repeated_pictures_left_out"]:
        yield "Pictures left out: the same file twice", whole(material["repeated_pictures_left_out"])
    yield "Labels that people gave themselves", ", ".join(material["labels"]) or "none"
    yield "Real clips", whole(material["clips"])
    for said, key in (("pictures", "pictures_sha256"), ("clips", "clips_sha256")):
        if material[key]:
            yield f"SHA-256 over all {said}", material[key]


def how_made(values: Values) -> Section:
    """From `apparatus` and `extent` of report.json."""
    apparatus, extent = values["apparatus"], values["extent"]
    gates = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in apparatus["gates"].items())
    return Section(
        "how-made",
        "How it was made",
        paragraphs=(
            "The same data, code, models and libraries give the same figures; on another processor, a comparison "
            "that lies on a threshold may fall on its other side. No clock is read. All bounds are at 95%, by person "
            "(ISO/IEC 19795-1): people are what is drawn anew, with all their pictures. Where no error was seen, the "
            "bound is the rule of 3.",
        ),
        tables=(
            Table(
                "Versions and digests",
                ("", "Value"),
                (
                    ("Beholden", apparatus["beholden"]),
                    ("SHA-256 over the code that measures", apparatus["code_sha256"]),
                    ("SHA-256 of the calibration", apparatus["calibration_sha256"]),
                    ("Python", apparatus["python"]),
                    *((name, text or "not installed") for name, text in apparatus["libraries"].items()),
                    ("Gates of a camera's shots", gates),
                    ("Detector score from which a face is covered", f"{apparatus['cover_score']:g}"),
                ),
            ),
            Table(
                "What was drawn, from one seed",
                ("", "Value"),
                (
                    ("Seed", str(extent["seed"])),
                    ("Verification: pairs of two people, at most", whole(extent["most_pairs"])),
                    ("Identification: splits, with pictures to enrol", f"{extent['splits']}, {extent['photos']}"),
                    ("Video: rounds, at face widths in pixels", f"{extent['rounds']}; {_listed(extent['widths'])}"),
                    (
                        "Covering: clips for each face width, of seconds",
                        f"{extent['covering_clips']}, {extent['covering_s']:g} s; {_listed(extent['covering_widths'])}",
                    ),
                ),
            ),
        ),
    )


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


GLOSSARY = (
    ("95% bounds", "in 95 of 100 such measurements the truth lies between them; with few people they are wide"),
    ("CMC", "cumulative match characteristic: the share of searches with the right person among the first so many"),
    ("DET", "detection error trade-off: one error against the other, over all thresholds"),
    ("enrolled", "agreed beforehand, gave pictures, and may be named"),
    ("FAR, FRR", "FMR and FNMR with failures to acquire counted in; GFAR and GFRR with failures to enrol, too"),
    ("FMR", "false match rate: comparisons of two people that pass for one"),
    ("FNMR", "false non-match rate: comparisons of one person that are not recognised"),
    ("FNIR", "false negative identification rate: searches for enrolled people that do not find them"),
    ("FPIR", "false positive identification rate: searches of strangers that find somebody"),
    ("FTA", "failure to acquire: pictures that a camera's gates refuse"),
    ("FTE", "failure to enrol: people of whom no picture is accepted"),
    ("misnamed", "searches for enrolled people that find somebody else: a part of FNIR"),
    ("rule of 3", "no error in n trials: the rate is under about 3/n, with 95% confidence"),
    ("rule of 30", "with fewer than 30 errors, rates of groups are not compared"),
    ("stranger", "not enrolled: must never be named"),
    ("template", "the numbers that a recogniser makes of a face; none is kept here"),
    ("track", "one face, followed through the pictures of a camera"),
)
"""Terms and what they mean."""
