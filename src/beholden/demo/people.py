"""The synthetic people of the `openpeople` package, as data: who there is, and their pictures.

The package is never imported: its files are found through its metadata. Nobody in them exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NewType

import cv2
import numpy as np

from beholden.demo.anatomy import find_face
from beholden.demo.installed import package_files
from beholden.model.errors import NotMedia
from beholden.model.frame import Pixels

PersonId = NewType("PersonId", str)
"""A persona of openpeople: `P001` to `P010`."""

PEOPLE: tuple[PersonId, ...] = tuple(PersonId(f"P{number:03d}") for number in range(1, 11))

EXPRESSIONS = (
    *("neutral", "happy", "sad", "angry"),
    *("surprised", "disgusted", "scared", "confused"),
    *("smug", "flirty", "thoughtful", "pensive"),
    *("exhausted", "shocked", "playful", "determined"),
)
"""The cells of an emotions sheet, row by row, as its captions name them."""

ENROLMENT_EXPRESSIONS = ("neutral", "happy")
"""Cells that enrol; `cutout.WALKING_EXPRESSIONS` shares none with them, so nobody meets their own pixels."""


def picture(person: PersonId, asset: str) -> Pixels:
    """One asset of a person (`studio_portrait`, `amateur_selfie`, `studio_posture`, `emotions_sheet`, ...).

    HxWx3 uint8 BGR. Raises MissingInput when it is not installed, NotMedia when it cannot be decoded.
    """
    path = next(iter(package_files("openpeople", f"/{person}/assets/{asset}.jpg").values()))
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise NotMedia(f"{path} cannot be decoded", advice="Reinstall the package openpeople.")
    return np.asarray(pixels, np.uint8)


def cells(person: PersonId) -> Mapping[str, Pixels]:
    """The sixteen faces of the emotions sheet by expression, cut inside their white frames, captions left out.

    Each about 520x340, HxWx3 uint8 BGR. Raises NotMedia when the sheet is not the 4x4 grid it should be.
    """
    sheet = picture(person, "emotions_sheet")
    frames = _white_frames(sheet)
    if len(frames) != len(EXPRESSIONS):
        raise NotMedia(f"the emotions sheet of {person} shows {len(frames)} cells, not {len(EXPRESSIONS)}")
    inset = round(sheet.shape[1] * 0.005)  # the frame's own line and its soft edge
    return {
        name: np.ascontiguousarray(sheet[y + inset : y + h - inset, x + inset : x + w - inset])
        for name, (x, y, w, h) in zip(EXPRESSIONS, frames, strict=True)
    }


def photos(person: PersonId) -> Mapping[str, Pixels]:
    """The photos a person enrols with, by name: portrait, selfie and two expressions; one face each, BGR.

    Selfies are cut to head and shoulders: in some, other people stand in the background.
    """
    sheet = cells(person)
    selfie = picture(person, "amateur_selfie")
    part = find_face(selfie, f"the selfie of {person}").box.enlarged(2.0).within(selfie.shape[1], selfie.shape[0])
    left, top, right, bottom = part or (0, 0, selfie.shape[1], selfie.shape[0])
    return {
        "portrait": picture(person, "studio_portrait"),
        "selfie": np.ascontiguousarray(selfie[top:bottom, left:right]),
        **{name: sheet[name] for name in ENROLMENT_EXPRESSIONS},
    }


def write_photos(person: PersonId, folder: Path) -> tuple[Path, ...]:
    """The enrolment photos as `<person>-<name>.jpg` in `folder`, at 1200 px at most: paths in the order of `photos`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for name, pixels in photos(person).items():
        scale = min(1.0, 1200 / max(pixels.shape[:2]))
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        path = folder / f"{person}-{name}.jpg"
        path.write_bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())
        paths.append(path)
    return tuple(paths)


def _white_frames(sheet: Pixels) -> list[tuple[int, int, int, int]]:
    """Boxes (x, y, w, h) of the sheet's white frames, row by row.

    A frame is a connected white line about a fifth of the sheet wide and a fifth high: captions,
    title and shirts are all smaller.
    """
    height, width = sheet.shape[:2]
    white = cv2.inRange(sheet, np.array((226, 226, 226)), np.array((255, 255, 255)))
    count, _, stats, _ = cv2.connectedComponentsWithStats(white)
    boxes = [tuple(int(value) for value in stats[index, :4]) for index in range(1, count)]
    frames = [(x, y, w, h) for x, y, w, h in boxes if 0.15 < w / width < 0.3 and 0.1 < h / height < 0.28]
    return sorted(frames, key=lambda box: (round((box[1] + box[3] / 2) / height * 4 - 0.5), box[0]))
