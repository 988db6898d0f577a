"""What `camera check` says of a camera: of people of several sizes, in poor light, out of focus, and of nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from beholden.demo.backdrop import Setting
from beholden.demo.people import PersonId
from beholden.demo.scene import Actor, Effects, Scene, Seen, Step, dress, film
from beholden.faces.engine import FaceFinder, load_finder
from beholden.faces.quality import QualityGates
from beholden.model.box import Box
from beholden.model.errors import ModelError
from beholden.model.face import Flaw, Quality
from beholden.model.frame import CoveredFrame, Frame
from beholden.model.ids import CameraId, TrackId
from beholden.pipeline.advice import advise
from beholden.pipeline.check import Check, CheckReport, turn
from beholden.pipeline.findings import Look, Watched, judged
from beholden.video.cover import FILL
from beholden.video.picture import StillDetail

START = datetime(2026, 5, 4, 8, tzinfo=UTC)
RATE = 5.0


@pytest.fixture(scope="session")
def finder() -> FaceFinder:
    return load_finder()


def someone(face: float, *, person: str = "P003", x: tuple[float, float] = (500, 700), y: float = 300) -> Actor:
    """Walks from one place to another in two seconds; `face` pixels wide in a picture of 1280x720."""
    steps = (Step(0.2, x[0], y, face * 0.9), Step(2.2, x[1], y, face))
    return Actor(PersonId(person), steps, ("calm", "determined"))


def frames_of(*actors: Actor, effects: Effects | None = None) -> list[tuple[Frame, tuple[Seen, ...]]]:
    """2.4 s at five a second, analysed at 640x360."""
    scene = Scene(Setting.LOBBY, 3, actors, seconds=2.4, fps=RATE, effects=effects or Effects())
    made = []
    for index, (pixels, truth) in enumerate(film(scene, dress([scene]))):
        small = np.asarray(cv2.resize(pixels, (640, 360), interpolation=cv2.INTER_AREA), np.uint8)
        small.flags.writeable = False
        offset = index / RATE
        moment = START + timedelta(seconds=offset)
        made.append((Frame(CameraId("door"), index, moment, offset, small, StillDetail(pixels)), truth))
    return made


def checked(finder: FaceFinder, *actors: Actor, effects: Effects | None = None) -> tuple[CheckReport, CoveredFrame]:
    check = Check(finder)
    for frame, _ in frames_of(*actors, effects=effects):
        check.look(frame)
    picture = check.picture()
    assert picture is not None
    return check.report(), picture


def advice(report: CheckReport) -> str:
    return " ".join(report.advice)


# ----- people who walk past


def test_a_good_camera_needs_no_advice(finder: FaceFinder) -> None:
    """A face of 100 pixels, sharp, lit, from the front: usable, and nothing to do."""
    report, _ = checked(finder, someone(100))
    assert report.usable
    assert report.advice == ()
    assert (report.people, report.enough) == (1, 1)
    assert 85 <= report.widest_px <= 125
    assert report.lighting == "even"
    assert report.turned is None
    assert report.usable_share > 0.6
    assert report.size == (1280, 720)
    assert report.frame_rate == pytest.approx(RATE)
    assert report.frames == 12


def test_a_face_too_small_is_told_with_what_would_make_it_large_enough(finder: FaceFinder) -> None:
    """32 pixels where 48 are needed: the lens that is named makes 48 of them, and a little more."""
    report, _ = checked(finder, someone(32))
    assert not report.usable
    assert 25 <= report.typical_px <= 42
    assert f"Faces reach {report.typical_px:.0f} pixels; 48 are needed" in advice(report)
    lens = float(re.search(r"lens of ([\d.]+) times", advice(report)).group(1))
    assert 48 <= report.typical_px * lens <= 58
    assert "--main" in advice(report)


def test_the_width_needed_is_that_of_the_gates(finder: FaceFinder) -> None:
    """A camera that is good for 48 pixels is not for 150."""
    check = Check(finder, QualityGates(min_width_px=150))
    for frame, _ in frames_of(someone(100)):
        check.look(frame)
    assert not check.report().usable
    assert "150 are needed" in advice(check.report())


def test_a_dark_place_is_told(finder: FaceFinder) -> None:
    """Large enough and too dark: light is asked for, and no lens."""
    report, _ = checked(finder, someone(110), effects=Effects(gain=0.16, noise=0.4))
    assert report.lighting == "dark"
    assert "dark" in advice(report)
    assert "lens" not in advice(report)


def test_a_camera_out_of_focus_is_told(finder: FaceFinder) -> None:
    """Large enough and blurred."""
    report, _ = checked(finder, someone(110), effects=Effects(blur=7.0, noise=0.3))
    assert not report.usable
    assert "blurred" in advice(report)
    assert "lens" not in advice(report)


def test_nobody_is_said_to_be_nobody(finder: FaceFinder) -> None:
    """Somebody should walk past; the picture shows the place."""
    report, picture = checked(finder)
    assert not report.usable
    assert (report.people, report.place, report.where) == (0, None, None)
    assert "let somebody walk past" in advice(report)
    assert "Nobody walked past." in report.in_words()
    assert picture.covers == 0
    assert picture.index == 11


def test_a_black_picture_is_told(finder: FaceFinder) -> None:
    """The cap is on the lens."""
    report, _ = checked(finder, effects=Effects(gain=0.02, noise=0.3))
    assert "nearly black" in advice(report)


def test_no_picture_at_all_is_told(finder: FaceFinder) -> None:
    """A camera that never answered."""
    check = Check(finder)
    assert check.picture() is None
    assert check.report(20.0).in_words() == ("No picture came in 20 s.",)
    assert "No picture came" in advice(check.report())


def test_people_are_counted(finder: FaceFinder) -> None:
    """Two who walk side by side; they pass across the picture."""
    report, picture = checked(finder, someone(90, x=(150, 350)), someone(80, person="P007", x=(1000, 1100), y=320))
    assert (report.people, report.enough) == (2, 2)
    assert "across the whole width" in report.place
    assert picture.covers >= 2


@pytest.mark.parametrize(("x", "place"), [((150, 250), "on the left"), ((1050, 1150), "on the right")])
def test_where_people_pass_is_said(finder: FaceFinder, x: tuple[float, float], place: str) -> None:
    """In words and in fractions."""
    report, _ = checked(finder, someone(90, x=x))
    assert report.place == f"{place} of the picture"
    assert report.where is not None
    assert x[0] / 1280 - 0.05 < report.where.x <= report.where.right < x[1] / 1280 + 0.05


def test_faces_cut_by_an_edge_are_told(finder: FaceFinder) -> None:
    """Half of each face is above the picture."""
    report, _ = checked(finder, someone(120, y=8))
    assert "upper edge of the picture: tilt the camera up" in advice(report)


# ----- the picture


def test_the_picture_is_of_the_widest_face_and_hides_it(finder: FaceFinder) -> None:
    """Solid where the face is; the frame is the one in which it was widest, or beside it."""
    frames = frames_of(someone(100))
    check = Check(finder)
    for frame, _ in frames:
        check.look(frame)
    picture = check.picture()
    assert picture is not None
    assert picture.covers >= 1
    (truth,) = frames[picture.index][1]
    assert truth.box.w >= 0.9 * max(seen.box.w for _, shown in frames for seen in shown)
    face = truth.box.scaled(0.5, 0.5).within(640, 360)
    left, top, right, bottom = face
    assert (picture.pixels[top:bottom, left:right] == FILL).all()


class Broken:
    """A detector that fails."""

    def detect(self, *_: object) -> list[object]:
        raise ModelError("the model failed")


def test_when_the_detector_fails_the_picture_is_covered_whole() -> None:
    """And nobody is counted."""
    check = Check(FaceFinder(Broken()))
    for frame, _ in frames_of(someone(100)):
        check.look(frame)
    picture = check.picture()
    assert picture is not None
    assert picture.whole
    assert (picture.pixels == FILL).all()
    assert check.report().people == 0


def test_a_cut_carries_nobody_over(finder: FaceFinder) -> None:
    """After a reconnect the same place holds another face: two people, each covered."""
    first, second = frames_of(someone(100)), frames_of(someone(100))
    check = Check(finder)
    for frame, _ in first:
        check.look(frame)
    for number, (frame, _) in enumerate(second):
        moment = frame.offset_s + 3.0
        check.look(
            Frame(frame.camera, 12 + number, frame.captured_at, moment, frame.pixels, frame.detail, cut=number == 0)
        )
    assert check.report().people == 2


def test_a_report_is_plain_values(finder: FaceFinder) -> None:
    """Nothing in it but numbers and sentences: no picture, no template, no score."""
    report, _ = checked(finder, someone(100))
    values = json.loads(json.dumps(report.as_values()))
    assert values["people"] == 1
    assert values["usable"] is True
    assert not {name for name in values if "score" in name or "template" in name}
    assert all(isinstance(line, str) and line.endswith(".") for line in report.in_words())


# ----- the judgement, of looks made by hand


def look(track: int, at_s: float, width: float, *flaws: Flaw, **values: float) -> Look:
    quality = Quality(
        width, values.get("sharp", 0.6), values.get("front", 0.9), values.get("light", 0.8), 0.5, tuple(flaws)
    )
    across, down = values.get("across", 0.0), values.get("down", 0.0)
    where = Box(0.4, 0.4, 0.1, 0.1)
    return Look(TrackId(f"t-{track}"), at_s, quality, bool(values.get("bright")), (across, down), where)


def judge(looks: Sequence[Look], *, rate: float = 5.0, cut: tuple[tuple[str, int], ...] = ()) -> CheckReport:
    watched = Watched(20.0, round(20 * rate), (1920, 1080), 90.0, tuple(looks), cut)
    found = judged(watched, QualityGates())
    return CheckReport(
        **{name: getattr(found, name) for name in found.__slots__ if name != "advice"},
        advice=advise(found, watched, QualityGates()),
    )


def test_39_pixels_are_told_in_full() -> None:
    """The sentence as a person reads it."""
    report = judge([look(1, n * 0.2, 39.0, Flaw.SMALL) for n in range(6)])
    assert report.advice == (
        "Faces reach 39 pixels; 48 are needed: move the camera closer by a quarter of the way, or use a lens of 1.3 "
        "times the focal length, or if the camera has a stream 2560 pixels wide, add that one as --main.",
    )


@pytest.mark.parametrize(
    ("turned", "words"),
    [
        ({"across": 0.8}, "right of the picture"),
        ({"across": -0.8, "down": 0.2}, "left of the picture"),
        ({"down": 0.7}, "from above"),
        ({"across": 0.1, "down": -0.7}, "from below"),
    ],
)
def test_where_faces_look_is_told(turned: dict[str, float], words: str) -> None:
    """Turned away to each side, and a camera that hangs too high or too low."""
    report = judge([look(1, n * 0.2, 80.0, Flaw.TURNED, front=0.2, **turned) for n in range(6)])
    assert words in advice(report)
    assert not report.usable


def test_a_face_in_one_frame_is_nobody() -> None:
    """A mistake of the detector is not a person."""
    assert judge([look(1, 0.2, 80.0)]).people == 0


def test_a_slow_stream_is_told() -> None:
    """One picture a second, and one good shot of each."""
    report = judge([look(1, 0.0, 80.0), look(1, 1.0, 80.0, Flaw.TURNED, front=0.2)], rate=1.0)
    assert "Only 1.0 pictures a second" in advice(report)


def test_too_short_a_view_is_told() -> None:
    """Enough pictures, and each person in view for a moment only."""
    looks = [look(1, 0.0, 80.0), look(1, 0.1, 80.0), look(2, 5.0, 80.0), look(2, 5.1, 80.0)]
    report = judge(looks, rate=10.0)
    assert report.enough == 0
    assert "2 of 2 gave fewer than 2 good shots in the 0.1 s" in advice(report)


def test_glare_is_told() -> None:
    """Too bright is not too dark."""
    report = judge([look(1, n * 0.2, 80.0, Flaw.BRIGHT, light=0.1, bright=1) for n in range(4)])
    assert report.lighting == "bright"
    assert "lower the exposure" in advice(report)


def test_a_report_that_is_not_usable_always_says_what_to_do() -> None:
    """Whatever the flaws are, alone and in pairs."""
    for first in Flaw:
        for second in Flaw:
            looks = [look(1, n * 0.2, 80.0, (first, second)[n % 2]) for n in range(8)]
            report = judge(looks)
            assert report.usable or report.advice, (first, second)


HEAD = np.array([(-30.0, 0, 0), (30, 0, 0), (0, 35, 28), (-25, 64, 4), (25, 64, 4)])
"""Right eye, left eye, nose tip, mouth corners: millimetres; x to the right of the picture, y down, z to the camera."""


def seen(yaw: float, pitch: float) -> np.ndarray:
    """The five points of a head turned by `yaw` to the right of the picture, and bowed by `pitch` (degrees)."""
    a, b = np.radians(yaw), np.radians(pitch)
    sideways = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    nod = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    return (HEAD @ sideways.T @ nod.T)[:, :2].astype(np.float32)


@pytest.mark.parametrize("angle", [15, 25, 35, 45])
def test_the_turn_of_a_head_is_read_from_its_points(angle: int) -> None:
    """A head in three dimensions, turned and bowed: the sign of each, and more for more."""
    assert turn(seen(0, 0)) == pytest.approx((0, 0), abs=0.02)
    right, left, down, up = (turn(seen(*way)) for way in ((angle, 0), (-angle, 0), (0, angle), (0, -angle)))
    assert right[0] == pytest.approx(-left[0], abs=0.02)
    assert right[0] > angle / 60
    assert abs(right[0]) > abs(right[1])
    assert down[1] > angle / 90 > -angle / 90 > up[1]
    assert turn(np.zeros((5, 2), np.float32)) == (0.0, 0.0)
