#!/usr/bin/env python3
"""Make the evaluation reports (`make evaluate`): of synthetic people anywhere, of real ones where their photos are.

The first goes to docs/report/, the second to evaluate-output/. Photos are put into a folder per person, in a temporary
folder that is gone at the end; what is measured is kept as totals, so that a second run goes on where one was stopped.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import cv2

from beholden.cli.app import run
from beholden.demo.people import PEOPLE, PersonId, cells, photos

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("SHARED_TEST_DATA", ROOT.parent / "shared" / "data"))
SYNTHETIC_OUT, FULL_OUT = ROOT / "docs" / "report", ROOT / "evaluate-output"
SYNTHETIC_ONLY, TOWN = "synthetic", "town"
LONGEST_SIDE = 720
EVERY = 2
"""`beholden calibrate` measured the shipped thresholds on every second person of the London set, from the first on."""

SYNTHETIC = """
title = "Ten synthetic people of the package openpeople"
people = "Ten drawn personas, 18 pictures each: a portrait, a selfie cut to head and shoulders, and sixteen \
expressions from one sheet. A generator made them; nobody in them exists."
consent = "None is needed: nobody is shown."
licence = "That of the package openpeople."
source = "The package openpeople 0.1.2, as installed; pictures are cut and made smaller by tools/evaluate.py."
synthetic = true
figures = [
    "Nobody here exists, so no figure here says how often real people are taken for each other or missed.",
    "Four of the ten look alike, more than strangers do: false matches are far more frequent than between real people.",
    "A generator draws the same face each time: one persona's pictures are more alike than photos of years apart.",
    "What it can tell: that everything runs, that failures are counted, and how covering works on faces of known size.",
]
not_shown = [
    "Real people, of any age, sex, skin colour or origin.",
    "Twins and relatives; years between two photos; illness, make-up, masks, glasses, hats.",
    "Heads turned to the side, real cameras, weather, night, crowds.",
]
"""
FULL = """
title = "Face Research Lab London Set, the half that calibration left out, and forty strangers"
people = "51 adults, two photos each (neutral and smiling, 720 pixels wide), every second one of 102 by number: the \
other half made the shipped thresholds. 40 adults of another laboratory, one photo each, who are always strangers."
consent = "London: all gave signed consent for lab-based and web-based studies and to illustrate research. The forty \
strangers were photographed in a laboratory."
licence = "CC BY 4.0, both."
source = "DeBruine and Jones, Face Research Lab London Set, figshare 5047666 v5 (2017); the forty: figshare 4220517."
clips = "Staged clips of actors as previews, signers close to the camera (Intel, CC BY 4.0), and public footage \
(OpenMPF, CC BY 2.0 and public domain). The consent of the people in the public footage is not known; nobody in any \
clip is enrolled or recognised."
figures = [
    "Both photos of a person are of one day, from the front, in one studio: misses are rarer than in real use.",
    "The forty strangers come from another laboratory: they are easier to tell from the others than neighbours are.",
    "51 people are few: rates under one in some hundreds cannot be measured on them.",
]
not_shown = [
    "Children and old people; years between two photos; illness, heavy make-up, masks, glasses, hats.",
    "Twins and relatives.",
    "Heads turned to the side: the recogniser is known to be weak there.",
    "Rain, night, infrared, dirty lenses: cameras, places and walks are drawn, from photos taken in a studio.",
]
"""
CLIPS = (
    *(f"intel_sample_videos/preview/{name}.gif" for name in (
        "face-demographics-walking-and-pause", "face-demographics-walking", "classroom", "people-detection",
        "head-pose-face-detection-female-and-male", "one-by-one-person-detection", "store-aisle-detection",
        "head-pose-face-detection-female", "head-pose-face-detection-male",
    )),
    *(f"intel_sample_videos/asl_gestures/{name}.mkv" for name in (
        "again", "bird", "book", "brother", "eat", "help", "hungry", "learn", "milk", "night",
    )),
    *(f"openmpf_video/{name}" for name in ("video_01.mp4", "video_02.mp4", "five-second-marathon-clip.mkv")),
)  # fmt: skip


def main() -> int:
    """Both reports at once, as far as there are photos; the short one's words come at its end. The exit code of the
    first that fails."""
    if sys.argv[1:] == [SYNTHETIC_ONLY] or not SHARED.is_dir():
        return _report_of_synthetic()
    print("Consenting people (shared test data); synthetic people (openpeople) beside them", flush=True)
    with subprocess.Popen(  # noqa: S603 - this very file
        [sys.executable, __file__, SYNTHETIC_ONLY], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as beside:
        code = _report_of_consenting()
        said, _ = beside.communicate()
    print(f"Synthetic people (openpeople)\n{said}", end="", flush=True)
    return code or beside.returncode


def _report_of_synthetic() -> int:
    with _town() as here:
        people = synthetic_people(here / "synthetic")
        return _report(people, _about(here, SYNTHETIC), SYNTHETIC_OUT, here / TOWN, "--small")


def _report_of_consenting() -> int:
    clips = [option for clip in CLIPS for option in ("--clips", str(SHARED / clip))]
    with _town() as here:
        people, labels = consenting_people(here / "consenting")
        return _report(people, _about(here, FULL), FULL_OUT, here / TOWN, "--labels", str(labels), *clips)


@contextmanager
def _town() -> Generator[Path]:
    """A folder that is gone afterwards, with a rehearsal folder in it."""
    with tempfile.TemporaryDirectory(prefix="beholden-evaluate-") as scratch:
        here = Path(scratch)
        if code := run(["init", "--rehearsal", "--data", str(here / TOWN)]):
            raise SystemExit(code)
        yield here


def synthetic_people(folder: Path) -> Path:
    """A folder per persona: what they enrol with first, then the other expressions, as they walk past cameras."""
    for person in PEOPLE:
        (folder / person).mkdir(parents=True)
        first = photos(person)
        rest = {name: pixels for name, pixels in cells(PersonId(person)).items() if name not in first}
        for number, pixels in enumerate([*first.values(), *rest.values()]):
            scale = min(1.0, LONGEST_SIDE / max(pixels.shape[:2]))
            small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            cv2.imwrite(str(folder / person / f"{number:02d}.jpg"), small, [cv2.IMWRITE_JPEG_QUALITY, 92])
    return folder


def consenting_people(folder: Path) -> tuple[Path, Path]:
    """A folder per person of whom no threshold was made, and the labels that they gave themselves."""
    london, others = SHARED / "london_cc-by", SHARED / "webmorph_extra"
    numbers = sorted(path.name[:3] for path in (london / "neutral_front").glob("*_03.jpg"))
    measured = set(numbers[::EVERY])
    for person in (number for number in numbers if number not in measured):
        _copy(london / f"neutral_front/{person}_03.jpg", folder / f"london-{person}")
        _copy(london / f"smiling_front/{person}_08.jpg", folder / f"london-{person}")
    for photo in sorted((others / "canada").glob("*.jpg")):
        _copy(photo, folder / f"canada-{photo.stem}")
    labels = folder.parent / "labels.csv"
    with labels.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["person", "sex", "age", "ethnicity"])
        for prefix, given in (("london", london / "london_info.csv"), ("canada", others / "canada_info.csv")):
            with given.open(encoding="utf-8", newline="") as read:
                for row in csv.DictReader(read):
                    ethnicity = row.get("face_eth") or ""
                    rows.writerow([f"{prefix}-{row['face_id']}", row["face_gender"], row["face_age"], ethnicity])
    return folder, labels


def _copy(photo: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(photo, folder / photo.name)


def _about(folder: Path, words: str) -> Path:
    path = folder / "about.toml"
    path.write_text(words, encoding="utf-8")
    return path


def _report(people: Path, about: Path, out: Path, town: Path, *options: str) -> int:
    command = ["evaluate", "report", "--people", str(people), "--about", str(about), "--out", str(out)]
    return run([*command, "--data", str(town), *options])


if __name__ == "__main__":
    sys.exit(main())
