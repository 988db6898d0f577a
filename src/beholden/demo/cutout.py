"""Walking figures: a person cut out of the studio, dressed, with several faces, and an alpha matte.

The body is the studio's full-length picture; other faces come from the emotions sheet and are
set on the body by their landmarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from beholden.demo.anatomy import Anatomy, find_face
from beholden.demo.people import PersonId, cells, picture
from beholden.model.box import Box
from beholden.model.errors import NotMedia
from beholden.model.frame import Pixels

BODY_LOOK = "calm"
"""The look of the full-length picture itself."""
WALKING_EXPRESSIONS = ("smug", "determined", "sad")
"""Cells that walk: frontal, eyes open, no hand in the face; none of them enrols."""
LOOKS = (BODY_LOOK, *WALKING_EXPRESSIONS)

FIGURE_FACE_PX = 136.0
"""Face width of a figure at full size: above the widest face that any clip shows, so nothing is enlarged."""

HIP = 2.6
"""Figures end this many face heights below the chin, just above the shirt's hem; scenes hide that edge."""
SHADE = 1.2
"""From this many face heights below the chin the studio's picture has shadow beside the body, and no hair."""

Plane = npt.NDArray[np.float32]
"""HxW float32."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A person to be pasted into pictures, in halving sizes.

    `levels[k]` is HxWx4 uint8: blue, green, red multiplied by alpha, and alpha; each half the size
    of the one before. `face` is the face box in pixels of level 0.
    """

    person: PersonId
    look: str
    levels: tuple[Pixels, ...]
    face: Box


def figures(person: PersonId, looks: Sequence[str], shirt: tuple[int, int, int]) -> dict[str, Figure]:
    """A person's figures, head to hip, by look (of LOOKS), in a shirt of this BGR colour.

    Raises MissingInput when the packages with the pictures or the detector are not installed.
    """
    body = picture(person, "studio_posture")
    scale = FIGURE_FACE_PX / find_face(body, f"the studio picture of {person}").box.w
    body = np.asarray(cv2.resize(body, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    anatomy = find_face(body, f"the studio picture of {person}")
    body = np.ascontiguousarray(body[: int(anatomy.box.bottom + HIP * anatomy.box.h)])
    alpha = matte(body, shade_from=int(anatomy.box.bottom + SHADE * anatomy.box.h))
    left, top, right = _bounds(alpha)
    colour = _lift(_dressed(body, alpha, anatomy.box, shirt), body, alpha)
    sheet = cells(person) if any(look != BODY_LOOK for look in looks) else {}
    made: dict[str, Figure] = {}
    for look in looks:
        whole = colour if look == BODY_LOOK else _with_head(colour, anatomy, sheet[look], person)
        made[look] = Figure(person, look, _halved(whole[top:, left:right]), anatomy.box.moved(-left, -top))
    return made


def matte(pixels: Pixels, *, shade_from: int | None = None) -> Plane:
    """HxW float32 0-1: how much of each pixel is the person, before an even studio background.

    The background is a quadratic surface fitted to the picture's left, right and upper edges, so
    that a vignette or a lit floor is background too; alpha rises with the distance from it.
    From row `shade_from` on, what is only darker than the background is the body's own shadow: there
    skin and white clothes are the person, and holes (grey folds of a shirt) are closed.
    """
    blurred = cv2.GaussianBlur(pixels, (0, 0), 1.0).astype(np.float32)
    offset = blurred - _background(pixels)
    blue, green, red = cv2.split(offset)  # cv2.min is ten times as fast as ndarray.min over a short axis
    brighter = cv2.min(cv2.min(blue, green), red)
    top = cv2.max(cv2.max(blue, green), red)
    colour, darker = top - brighter, -brighter
    if shade_from is not None:
        darker[shade_from:] = 0
    distance = np.maximum(np.maximum(brighter, darker), colour * 1.2)
    alpha = np.clip((distance - 12.0) / 22.0, 0.0, 1.0).astype(np.float32)
    solid = (alpha > 0.5).astype(np.uint8)
    outlines, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        raise NotMedia("no person stands out from the background of a studio picture")
    person = np.zeros_like(solid)
    cv2.drawContours(person, [max(outlines, key=cv2.contourArea)], -1, 1, cv2.FILLED)
    if shade_from is not None:  # a fold at the armpit is not a gap
        person[shade_from:] = cv2.morphologyEx(person[shade_from:], cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    reach = cv2.dilate(person, np.ones((7, 7), np.uint8)).astype(np.float32)
    alpha = alpha * reach  # specks elsewhere are noise of the studio
    if shade_from is not None:
        core = cv2.GaussianBlur(cv2.erode(person, np.ones((5, 5), np.uint8)).astype(np.float32), (0, 0), 1.5)
        alpha = np.maximum(alpha, core)
    return cv2.GaussianBlur(alpha, (0, 0), 0.8).astype(np.float32)


def _background(pixels: Pixels) -> npt.NDArray[np.float32]:
    """HxWx3 float32: the quadratic surface through the picture's edges, fitted again without outliers."""
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, (64, 64), interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float32)
    ys, xs = (axis.reshape(-1).astype(np.float32) / 63 for axis in np.mgrid[0:64, 0:64])
    terms = np.stack([np.ones_like(xs), xs, ys, xs * ys, xs * xs, ys * ys], axis=1)
    kept = (xs < 0.12) | (xs > 0.88) | ((ys < 0.04) & (np.abs(xs - 0.5) > 0.3))
    kept &= np.abs(small - np.median(small[kept & (ys < 0.5)], axis=0)).max(axis=1) < 60  # a shoulder at the edge
    fit = np.linalg.lstsq(terms[kept], small[kept], rcond=None)[0]
    near = kept & (np.abs(small - terms @ fit).max(axis=1) < 15)
    fit = np.linalg.lstsq(terms[near], small[near], rcond=None)[0]
    surface = (terms @ fit).reshape(64, 64, 3).astype(np.float32)
    return cv2.resize(surface, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)


def _lift(painted: Pixels, original: Pixels, alpha: Plane) -> Pixels:
    """HxWx4 premultiplied: the studio's grey is subtracted from half-covered edge pixels."""
    share = alpha[..., None]
    colour = painted.astype(np.float32) - (1 - share) * _background(original)
    return np.dstack([np.clip(colour, 0, 255 * share), 255 * share]).round().astype(np.uint8)


def _dressed(body: Pixels, alpha: Plane, face: Box, shirt: tuple[int, int, int]) -> Pixels:
    """The white shirt of the studio in a colour: white is what is bright and without colour, below the chin."""
    hsv = cv2.cvtColor(body, cv2.COLOR_BGR2HSV).astype(np.float32)
    white = np.clip((62 - hsv[..., 1]) / 24, 0, 1) * np.clip((hsv[..., 2] - 75) / 40, 0, 1) * alpha
    white[: int(face.bottom + 0.12 * face.h)] = 0
    white = cv2.GaussianBlur(cv2.morphologyEx(white.astype(np.float32), cv2.MORPH_CLOSE, np.ones((5, 5))), (0, 0), 1.0)
    dye = 1 - white[..., None] * (1 - np.asarray(shirt, np.float32) / 235)
    return (body * dye).astype(np.uint8)


def _with_head(colour: Pixels, body: Anatomy, cell: Pixels, person: PersonId) -> Pixels:
    """The figure with the face of a cell, set on by landmarks and blended in across the neck and the cell's edges."""
    head = find_face(cell, f"the emotions sheet of {person}")
    lifted = _lift(cell, cell, matte(cell))
    move, _ = cv2.estimateAffinePartial2D(head.landmarks, body.landmarks, method=cv2.LMEDS)
    depth = min(colour.shape[0], int(body.box.bottom + 0.4 * body.box.h))  # nothing below the neck changes
    size = (colour.shape[1], depth)
    moved = cv2.warpAffine(lifted, move, size, flags=cv2.INTER_LINEAR).astype(np.float32)
    share = cv2.warpAffine(_usable(cell, head.box), move, size, flags=cv2.INTER_LINEAR)[..., None]
    whole = colour.copy()
    whole[:depth] = (colour[:depth] * (1 - share) + moved * share).round().astype(np.uint8)
    return whole


def _usable(cell: Pixels, face: Box) -> Plane:
    """HxW float32 0-1: the part of a cell to be set on a body: down to the chin, no cut edges, no white shirt."""
    height, width = cell.shape[:2]
    usable = np.zeros((height, width), np.float32)
    chin = min(height * 0.97, face.bottom + 0.10 * face.h)
    usable[int(height * 0.02) : int(chin), int(width * 0.02) : int(width * 0.98)] = 1
    hsv = cv2.cvtColor(cell, cv2.COLOR_BGR2HSV)
    shirt = ((hsv[..., 1] < 60) & (hsv[..., 2] > 140)).astype(np.uint8)
    shirt[: int(face.y + 0.8 * face.h)] = 0
    inner = slice(max(0, int(face.x + 0.15 * face.w)), int(face.right - 0.15 * face.w))
    shirt[: int(face.bottom), inner] = 0  # teeth and grey beards are not shirts
    usable[cv2.dilate(shirt, np.ones((9, 9), np.uint8)) > 0] = 0
    soft = cv2.GaussianBlur(usable, (0, 0), 0.025 * height).astype(np.float32)
    soft[-2:] = 0
    return soft


def _bounds(alpha: Plane) -> tuple[int, int, int]:
    """Left, top and right of all that is not empty, with a margin for a head with more hair."""
    ys, xs = np.nonzero(alpha > 0.02)
    margin = int(FIGURE_FACE_PX * 0.4)
    return max(0, int(xs.min()) - margin), max(0, int(ys.min()) - margin), min(alpha.shape[1], int(xs.max()) + margin)


def _halved(cut: Pixels) -> tuple[Pixels, ...]:
    """Half, quarter, eighth: bilinear warping from the nearest larger one does not alias."""
    levels = [np.ascontiguousarray(cut)]
    while len(levels) < 4:
        last = levels[-1]
        levels.append(np.asarray(cv2.resize(last, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8))
    return tuple(levels)
