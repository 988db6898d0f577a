"""How far enrolment with several poses mends turned heads, on volunteers who turn a little.

They are the forty of att_orl, ten grey pictures each, turned by up to 28 degrees; heads are measured by FSA-Net (MIT,
for evaluation only). Each picture is a probe once, and its person's templates are made of the other nine. As they are,
hardly a picture is missed whatever is done, so a probe is a single shot as a poor camera far away would see it, at 32
pixels of face width. On these shots the mirrored and otherwise aligned variants are compared once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort

from beholden.evaluate.views import draw_conditions, view
from beholden.faces.detect import Detector
from beholden.model.box import Box
from beholden.model.frame import Pixels
from benchmarks.recognition_align import LAYOUTS, PLAIN, aligned_as
from benchmarks.recognition_compare import Cell
from benchmarks.recognition_draw import Measuring, largest, random_of, read, seen_small, take, vector
from benchmarks.recognition_variants import all_there

NETS = ("fsanet-1x1-iter-688590.onnx", "fsanet-var-iter-688590.onnx")
PROBE_PX = 32
TURNED_DEG = (10.0, 20.0)
"""Where the buckets of turned heads begin."""
WAYS = (PLAIN, *(name for name, layout in LAYOUTS.items() if not layout.tracked), "flip")
AS_THEY_ARE = "the pictures as they are, not seen from far away"
Sets = Callable[[np.ndarray], list[list[int]]]
"""From the yaws of a person's pictures (degrees) to the pictures of each template of theirs."""

ENROLMENTS: dict[str, Sets] = {
    "one picture, the most frontal": lambda yaw: [_frontal(yaw)[:1]],
    "three most frontal, pooled": lambda yaw: [_frontal(yaw)[:3]],
    "three most frontal, apart": lambda yaw: [[each] for each in _frontal(yaw)[:3]],
    "left, front and right, pooled": lambda yaw: [_by_pose(yaw)],
    "left, front and right, apart": lambda yaw: [[each] for each in _by_pose(yaw)],
}


@dataclass(frozen=True, eq=False)
class Seen:
    """n pictures: `person` (n,), `yaw` (n,) degrees, and templates (n, d) by way of aligning, and mirrored: `rows` of
    the pictures as they are, `probes` of each as it is seen from far away, zeros where that shot was not fit.
    `small` (n, d): the mean of two views of the picture, at 48 and 32 pixels.
    """

    person: np.ndarray
    yaw: np.ndarray
    rows: dict[str, np.ndarray]
    probes: dict[str, np.ndarray]
    small: np.ndarray

    @property
    def fit(self) -> np.ndarray:
        """(n,) bool: whether there is a probe."""
        return all_there(self.probes[PLAIN])

    def wipe(self) -> None:
        for rows in (*self.rows.values(), *self.probes.values(), self.small):
            rows.fill(0)


class HeadPose:
    """Yaw in degrees, 0: towards the camera; the mean of two networks."""

    def __init__(self, models: Path) -> None:
        self._nets = [
            ort.InferenceSession(str(models / "fsanet_headpose" / name), providers=["CPUExecutionProvider"])
            for name in NETS
        ]

    def yaw(self, pixels: Pixels, box: Box) -> float:
        height, width = pixels.shape[:2]
        left, right = max(0, int(box.x - 0.2 * box.w)), min(width, int(box.x + 1.2 * box.w))
        top, bottom = max(0, int(box.y - 0.1 * box.h)), min(height, int(box.y + 1.1 * box.h))
        small = cv2.resize(pixels[top:bottom, left:right], (64, 64)).astype(np.float32)
        batch = np.ascontiguousarray(((small - 127.5) / 128).transpose(2, 0, 1)[None])
        return float(np.mean([np.asarray(net.run(None, {"input": batch})[0])[0, 0] for net in self._nets]))


def look_at_volunteers(data: Path, detector: Detector, recogniser: Measuring) -> Seen:
    """All of att_orl in which a face is found. The caller wipes it."""
    pose = HeadPose(data / "models")
    rows: dict[str, list[np.ndarray]] = {name: [] for name in WAYS}
    probes: dict[str, list[np.ndarray]] = {name: [] for name in WAYS}
    person, yaw, small = list[int](), list[float](), list[np.ndarray]()
    for number, folder in enumerate(sorted((data / "att_orl").glob("s??"))):
        for path in sorted(folder.glob("*.pgm")):
            pixels = read(path)
            face = largest(pixels, detector)
            if face is None:
                continue
            random = random_of(path, PROBE_PX, 0)
            shot = take(view(pixels, face.box, draw_conditions(PROBE_PX, random), random), detector)
            for name in WAYS:
                rows[name].append(_row(name, pixels, face.landmarks, recogniser))
                none = np.zeros(recogniser.entry.dimensions, np.float32)
                probes[name].append(none if shot is None else _row(name, shot.seen, shot.landmarks, recogniser))
            small.append(seen_small(pixels, face.box, detector, recogniser, random_of(path, 0, 0)))
            person.append(number)
            yaw.append(pose.yaw(pixels, face.box))
    made, seen = ({name: np.array(each) for name, each in found.items()} for found in (rows, probes))
    return Seen(np.array(person), np.array(yaw), made, seen, np.array(small))


def _row(name: str, pixels: Pixels, landmarks: np.ndarray, recogniser: Measuring) -> np.ndarray:
    if name == "flip":
        return vector(np.ascontiguousarray(aligned_as(PLAIN, pixels, landmarks)[:, ::-1]), recogniser)
    return vector(aligned_as(name, pixels, landmarks), recogniser)


def single_pictures(seen: Seen) -> dict[str, Cell]:
    """Each person's most frontal picture as the reference, shots of their others as probes."""
    people = int(seen.person.max()) + 1
    own = [np.flatnonzero(seen.person == person) for person in range(people)]
    reference = np.array([pictures[_frontal(seen.yaw[pictures])[0]] for pictures in own])
    probe = np.setdiff1d(np.flatnonzero(seen.fit), reference)
    rows, shots = seen.rows, seen.probes
    both, both_shots = (_unit(each[PLAIN] + each["flip"]) for each in (rows, shots))
    ways = {
        PLAIN: (shots[PLAIN], rows[PLAIN]),
        "mirrored: the reference alone": (shots[PLAIN], both),
        "mirrored: both": (both_shots, both),
        "reference: pooled with itself seen at 48 and 32 px": (shots[PLAIN], _unit(rows[PLAIN] + seen.small)),
        **{f"alignment: {name}": (shots[name], rows[name]) for name in WAYS[1:-1]},
        AS_THEY_ARE: (rows[PLAIN], rows[PLAIN]),
    }
    return {name: Cell(one[probe] @ other[reference].T, seen.person[probe]) for name, (one, other) in ways.items()}


def enrolled_by_pose(seen: Seen) -> dict[str, dict[str, Cell]]:
    """By enrolment, then by how far the probe is turned; thresholds are of all probes."""
    turn = np.abs(seen.yaw)
    near, far = TURNED_DEG
    buckets = {
        "all": turn >= 0,
        f"under {near:g}": turn < near,
        f"{near:g} to {far:g}": (turn >= near) & (turn < far),
        f"{far:g} and more": turn >= far,
    }
    found: dict[str, dict[str, Cell]] = {}
    for name, sets in ENROLMENTS.items():
        scores = _scores(seen, sets)
        found[name] = {
            bucket: Cell(scores[seen.fit], seen.person[seen.fit], counted[seen.fit])
            for bucket, counted in buckets.items()
        }
    return found


def _scores(seen: Seen, sets: Sets) -> np.ndarray:
    """(n, people): each probe with everybody; its own person's templates are made without its picture."""
    people, rows, probes = int(seen.person.max()) + 1, seen.rows[PLAIN], seen.probes[PLAIN]
    own = [np.flatnonzero(seen.person == person) for person in range(people)]
    whole = [_templates(rows[pictures], seen.yaw[pictures], sets) for pictures in own]
    scores = np.stack([(probes @ each.T).max(axis=1) for each in whole], axis=1)
    for number, person in enumerate(seen.person):
        others = own[person][own[person] != number]
        scores[number, person] = (_templates(rows[others], seen.yaw[others], sets) @ probes[number]).max()
    return scores


def _templates(rows: np.ndarray, yaw: np.ndarray, sets: Sets) -> np.ndarray:
    return _unit(np.array([rows[chosen].mean(axis=0) for chosen in sets(yaw)]))


def _frontal(yaw: np.ndarray) -> list[int]:
    return np.argsort(np.abs(yaw), kind="stable").tolist()


def _by_pose(yaw: np.ndarray) -> list[int]:
    return [int(np.argmin(yaw)), _frontal(yaw)[0], int(np.argmax(yaw))]


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)
