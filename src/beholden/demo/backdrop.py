"""Places drawn by a program: what is behind the people, and a desk, hedge or rail in front of them.

Out of focus like a camera's background, with enough texture that H.264 has something to do, and
nothing that looks like a face (tests/demo/test_visible.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from beholden.model.frame import Pixels

WIDTH, HEIGHT = 1280, 720
"""The size that places are drawn at; scenes of another size scale them."""

Colour = tuple[int, int, int]


class Setting(StrEnum):
    """What kind of place is drawn."""

    LOBBY = "lobby"
    GARDEN = "garden"
    GATE = "gate"
    STREET = "street"


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """`back` is the whole picture (720x1280x3 uint8 BGR); `front` covers its rows from `ledge` down (BGR)."""

    back: Pixels
    front: Pixels
    ledge: int


def draw(setting: Setting, ledge: int, seed: int) -> Backdrop:
    """The place, its front from row `ledge` (0-719); the same seed draws the same pixels."""
    rng = np.random.default_rng(seed)
    drawn = {Setting.LOBBY: _lobby, Setting.GARDEN: _garden, Setting.GATE: _gate, Setting.STREET: _street}
    back = _grain(_soft(drawn[setting](rng), 4.0), rng, 2.5)
    front = _hedge(rng) if setting is Setting.GARDEN else _desk(setting, rng)
    return Backdrop(back, np.ascontiguousarray(front[: HEIGHT - ledge]), ledge)


def _gradient(top: Colour, bottom: Colour, rows: int = HEIGHT) -> Pixels:
    """rows x WIDTH x 3, from one colour down to another."""
    share = np.linspace(0, 1, rows, dtype=np.float32)[:, None, None]
    column = np.asarray(top, np.float32) * (1 - share) + np.asarray(bottom, np.float32) * share
    return np.repeat(column, WIDTH, axis=1).astype(np.uint8)


def _soft(pixels: Pixels, sigma: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)


def _grain(pixels: Pixels, rng: np.random.Generator, strength: float) -> Pixels:
    """The picture with soft unevenness of `strength` levels, coarse and fine."""
    height, width = pixels.shape[:2]
    coarse = cv2.resize(rng.normal(0, strength, (height // 24 + 1, width // 24 + 1)), (width, height))
    fine = cv2.resize(rng.normal(0, strength / 2, (height // 2, width // 2)), (width, height))
    return np.clip(pixels + (coarse + fine)[..., None], 0, 255).astype(np.uint8)


def _jitter(colour: Colour, rng: np.random.Generator, spread: int) -> Colour:
    change = rng.integers(-spread, spread + 1, 3)
    blue, green, red = (int(np.clip(c + d, 0, 255)) for c, d in zip(colour, change, strict=True))
    return blue, green, red


def _lobby(rng: np.random.Generator) -> Pixels:
    """A warm wall in panels, a tall window, a lift door, a floor that reflects."""
    room = _gradient((176, 196, 208), (150, 172, 186))
    for x in range(0, WIDTH, 160):
        cv2.rectangle(room, (x + 6, 60), (x + 150, 470), _jitter((160, 184, 200), rng, 7), -1)
    cv2.rectangle(room, (70, 20), (330, 450), (238, 228, 214), -1)
    for x in (155, 245):
        cv2.rectangle(room, (x - 4, 20), (x + 4, 450), (120, 126, 130), -1)
    cv2.rectangle(room, (880, 110), (1100, 480), (150, 146, 142), -1)
    cv2.rectangle(room, (986, 110), (994, 480), (96, 94, 92), -1)
    room[480:] = _gradient((120, 136, 150), (84, 98, 112), HEIGHT - 480)
    cv2.ellipse(room, (200, 560), (260, 60), 0, 0, 360, (150, 160, 168), -1)
    for x in range(160, WIDTH, 240):
        cv2.rectangle(room, (x, 12), (x + 110, 26), (250, 252, 255), -1)
    return room


def _garden(rng: np.random.Generator) -> Pixels:
    """Sky, trees, a lawn and a path."""
    land = _gradient((232, 206, 176), (236, 224, 206))
    land[380:] = _gradient((74, 140, 104), (48, 112, 74), HEIGHT - 380)
    for x, y in zip(rng.integers(0, WIDTH, 260), rng.normal(250, 70, 260), strict=True):
        radius = int(rng.integers(18, 60))
        cv2.circle(land, (int(x), int(np.clip(y, 130, 370))), radius, _jitter((58, 108, 72), rng, 22), -1)
    for x in range(90, WIDTH, 230):
        cv2.rectangle(land, (x, 300), (x + 18, 410), (44, 62, 78), -1)
    path = np.array([[470, 380], [560, 380], [900, HEIGHT], [260, HEIGHT]])
    cv2.fillPoly(land, [path], (146, 170, 184))
    return land


def _gate(rng: np.random.Generator) -> Pixels:
    """A brick wall with an iron gate and a lamp-lit passage."""
    wall = _gradient((92, 104, 140), (78, 88, 122))
    for row, y in enumerate(range(0, 500, 24)):
        for x in range(-60 + 30 * (row % 2), WIDTH, 60):
            cv2.rectangle(wall, (x + 2, y + 2), (x + 57, y + 21), _jitter((88, 102, 146), rng, 12), -1)
    cv2.rectangle(wall, (420, 60), (860, 520), (168, 184, 190), -1)
    for x in range(440, 860, 42):
        cv2.rectangle(wall, (x, 60), (x + 8, 520), (58, 56, 54), -1)
    wall[500:] = _gradient((128, 132, 134), (98, 102, 106), HEIGHT - 500)
    return wall


def _street(rng: np.random.Generator) -> Pixels:
    """House fronts with windows, a pavement and kerb."""
    street = _gradient((190, 182, 172), (178, 172, 164))
    for x in range(0, WIDTH, 320):
        cv2.rectangle(street, (x, 0), (x + 316, 430), _jitter((150, 164, 178), rng, 26), -1)
        for wx in range(x + 34, x + 300, 92):
            for wy in (40, 170, 300):
                cv2.rectangle(street, (wx, wy), (wx + 54, wy + 84), _jitter((112, 96, 82), rng, 20), -1)
    street[430:] = _gradient((142, 144, 146), (110, 112, 114), HEIGHT - 430)
    for x in range(-200, WIDTH, 150):
        cv2.line(street, (x + 120, 430), (x, HEIGHT), (126, 128, 130), 3)
    return street


def _hedge(rng: np.random.Generator) -> Pixels:
    """Leaves, close and dark."""
    hedge = _gradient((52, 96, 62), (26, 54, 34))
    for x, y in zip(rng.integers(0, WIDTH, 2600), rng.integers(0, HEIGHT, 2600), strict=True):
        colour = _jitter((46, 92, 58), rng, 20)
        cv2.ellipse(hedge, (int(x), int(y)), (9, 4), float(rng.integers(0, 180)), 0, 360, colour, -1)
    return _grain(_soft(hedge, 1.6), rng, 3.0)


def _desk(setting: Setting, rng: np.random.Generator) -> Pixels:
    """A counter (lobby), a steel rail (gate) or a low wall (street): a light top edge, then a plain front."""
    face: Colour = {Setting.LOBBY: (58, 82, 112), Setting.GATE: (104, 100, 96)}.get(setting, (124, 132, 138))
    desk = _gradient(face, _jitter((face[0] // 2, face[1] // 2, face[2] // 2), rng, 4))
    desk[:16] = np.clip(np.asarray(face, np.int32) + 60, 0, 255).astype(np.uint8)
    for x in range(0, WIDTH, 213):
        cv2.line(desk, (x, 16), (x, HEIGHT), (face[0] // 2, face[1] // 2, face[2] // 2), 2)
    return _grain(_soft(desk, 1.6), rng, 2.0)
