"""The live town is judged rightly: what must happen passes, and each thing that must not is noticed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest

from beholden.cli.live_demo import DemoStack
from beholden.demo.clip import Clip, write_clip
from beholden.demo.endless import write_endless
from beholden.demo.live_outcome import (
    Answer,
    CameraOutcome,
    Heard,
    LiveResult,
    TownCamera,
    judged,
    present,
    walks_of,
    withdrawal_of,
)
from beholden.demo.live_town import WAITING, WAITS, Pace, run_live, town_cameras
from beholden.demo.outcome import Mistakes
from beholden.demo.page import write_page, write_summary
from beholden.demo.people import PersonId
from beholden.demo.run import DemoResult
from beholden.demo.scene import Seen, dress
from beholden.demo.town import ADA, ELI, IRA, MIA, NINE, NOA, Resident, Town, town
from beholden.faces.engine import load_engine
from beholden.model.box import Box
from beholden.model.camera import CameraHealth, CameraState
from beholden.model.ids import CameraId, SubjectId, TrackId
from beholden.model.match import Reason

LEFT, MIDDLE, RIGHT = 0.3, 0.5, 0.7
LOBBY_1, LOBBY_3, GATE_1 = CameraId("lobby-1"), CameraId("lobby-3"), CameraId("gate-1")
NOA_ID = SubjectId("s_noa")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as a stack gives it."""

    camera: CameraId
    track: TrackId
    subject: SubjectId | None
    reason: Reason
    where: tuple[float, float, float, float]
    ended: bool = False
    shot_to_event_s: float | None = 0.1


def said(
    camera: str, who: str | None, x: float, reason: Reason = Reason.NOBODY_ALIKE, track: str = "t-1", *, ended=False
) -> Said:
    subject = None if who is None else SubjectId(f"s_{who}")
    where = (x - 0.03, 0.3, 0.06, 0.1)
    return Said(CameraId(camera), TrackId(track), subject, Reason.CLEAR if who else reason, where, ended)


def at(*moments: tuple[float, Said]) -> list[Heard]:
    return [Heard(moment, answer) for moment, answer in moments]


@pytest.fixture
def camera(the_town: Town) -> TownCamera:
    """Ada walks at the left, a stranger at the right."""
    return town_cameras(the_town)[0]


WALKS = {ADA: (0.25, 0.4), NINE: (0.65, 0.75)}
PERSONS = {SubjectId("s_ada"): ADA, NOA_ID: NOA}
GOOD = CameraHealth(LOBBY_1, CameraState.LIVE, read=500, analysed=100, read_fps=25.0, analysed_fps=5.0, latency_s=0.02)


def outcome(camera: TownCamera, *answers: Said, health: CameraHealth | None = GOOD) -> CameraOutcome:
    heard = at(*((float(number), answer) for number, answer in enumerate(answers)))
    return replace(judged(camera, heard, WALKS, PERSONS, health), pictures_checked=5)


def test_the_right_name_at_the_right_side_passes(camera: TownCamera) -> None:
    """Ada where Ada walks, the stranger unknown."""
    assert outcome(camera, said(LOBBY_1, "ada", LEFT), said(LOBBY_1, None, RIGHT, track="t-2")).as_expected


def test_a_name_where_the_stranger_walks_is_a_strangers(camera: TownCamera) -> None:
    """Though Ada is rightly named beside him."""
    result = outcome(camera, said(LOBBY_1, "ada", LEFT), said(LOBBY_1, "ada", RIGHT, track="t-2"))
    assert result.mistakes == Mistakes(strangers_named=1)
    assert not result.as_expected


def test_another_name_where_ada_walks_is_a_mistake(camera: TownCamera) -> None:
    """An enrolled person was named as another one."""
    assert outcome(camera, said(LOBBY_1, "noa", LEFT)).mistakes == Mistakes(enrolled_named_wrong=1)


def test_a_name_of_another_camera_counts_there_only(camera: TownCamera) -> None:
    """What the gate says is nothing that the lobby's camera said."""
    assert outcome(camera, said(GATE_1, "ada", LEFT)).named == frozenset()


@pytest.mark.parametrize(
    "health", [None, replace(GOOD, state=CameraState.LOST), replace(GOOD, state=CameraState.CONNECTING)]
)
def test_a_camera_that_is_not_live_fails(camera: TownCamera, health: CameraHealth | None) -> None:
    """However right its names were before."""
    assert not outcome(camera, said(LOBBY_1, "ada", LEFT), health=health).as_expected


def test_a_visible_face_or_nothing_recorded_fails(camera: TownCamera) -> None:
    """Nobody may show, and somebody must have looked."""
    good = outcome(camera, said(LOBBY_1, "ada", LEFT))
    assert not replace(good, visible=1).as_expected
    assert not replace(good, pictures_checked=0).as_expected


def test_the_alike_pair_must_both_be_undecided(the_town: Town) -> None:
    """One of them is not enough, and one of them twice is one."""
    gate = next(camera for camera in town_cameras(the_town) if camera.camera == GATE_1)
    walks = {IRA: (0.2, 0.4), MIA: (0.6, 0.8)}
    ira = said(GATE_1, None, LEFT, Reason.TWO_ALIKE)
    again = replace(ira, track=TrackId("t-9"))
    mia = said(GATE_1, None, RIGHT, Reason.TWO_ALIKE, track="t-2")
    health = replace(GOOD, camera=GATE_1)

    def ok(*answers: Said) -> bool:
        heard = at(*((0.0, answer) for answer in answers))
        return replace(judged(gate, heard, walks, PERSONS, health), pictures_checked=5).as_expected

    assert ok(ira, mia)
    assert not ok(ira, again)


def test_who_is_only_not_yet_decided_is_not_undecided(camera: TownCamera) -> None:
    """The first shot of everybody whom a gallery may hold is too few."""
    first = said(LOBBY_1, None, LEFT, Reason.TOO_FEW_SHOTS)
    assert outcome(camera, first, said(LOBBY_1, "ada", LEFT)).as_expected


def test_where_two_may_walk_nobody_is_taken_for_undecided() -> None:
    """A box in both bands says nothing about who."""
    assert present({IRA: (0.2, 0.6), MIA: (0.4, 0.8)}, (MIDDLE, 0.1, 0.02, 0.1)) == {IRA, MIA}
    assert present({IRA: (0.2, 0.4)}, (0.9, 0.1, 0.02, 0.1)) == frozenset()


def test_walks_are_read_from_the_films_truth() -> None:
    """Leftmost and rightmost centre of each face, in fractions of the width."""
    truth = tuple((Seen(ADA, Box(x, 10, 20, 30), 0.0),) for x in (90, 40, 190))
    assert walks_of(Clip(Path("no.mp4"), (400, 300), 25.0, truth)) == {ADA: (0.125, 0.5)}


NAMED = said(LOBBY_3, "noa", MIDDLE)
LOST = said(LOBBY_3, None, MIDDLE)


@pytest.mark.parametrize(
    ("heard", "ended_s", "came_back"),
    [
        (at((1.0, NAMED), (10.4, LOST)), 0.3, False),  # asked for at 10.0, done at 10.1
        (at((1.0, NAMED), (10.05, LOST)), 0.0, False),  # it ended before the command returned
        (at((1.0, NAMED), (10.4, LOST), (10.6, NAMED), (10.8, LOST)), 0.7, False),  # the last end counts
        (at((1.0, NAMED), (10.4, LOST), (14.0, NAMED)), None, True),
        (at((1.0, NAMED), (10.4, LOST), (14.0, NAMED), (14.5, LOST)), 4.4, True),
        (at((1.0, NAMED), (12.0, said(LOBBY_1, "ada", LEFT))), None, False),  # nobody told of an end
        (at((1.0, NAMED), (1.5, replace(NAMED, track=TrackId("t-2"))), (10.4, LOST)), None, False),  # one of two tracks
        (at((1.0, NAMED), (13.1, replace(NAMED, ended=True))), 3.0, False),  # she left; that was no withdrawal
    ],
)
def test_how_long_a_name_outlives_its_withdrawal(heard: list[Heard], ended_s: float | None, came_back: bool) -> None:
    """From the command's return until no camera names them; a name later than the deadline came back."""
    found = withdrawal_of("Noa", NOA_ID, heard, 10.0, 10.1)
    assert found.ended_s == pytest.approx(ended_s)
    assert found.came_back is came_back
    assert found.as_expected is (ended_s is not None and ended_s <= 1.0 and not came_back)


@dataclass
class FakeStack:
    """A stack that says what it is told to, and exports one prepared recording for every camera."""

    recording: Path
    answers: Callable[[FakeStack], Sequence[Said]]
    after: Sequence[Said] = ()
    state: CameraState = CameraState.LIVE
    addresses: dict[CameraId, str] = field(default_factory=dict)
    running: bool = False
    _hear: Callable[[Answer], None] | None = None

    def enrol(self, resident: Resident) -> SubjectId:
        return SubjectId(f"s_{resident.label.lower()}")

    def add(self, camera: TownCamera, address: str) -> None:
        assert not self.running
        self.addresses[camera.camera] = address

    def start(self, hear: Callable[[Answer], None]) -> None:
        self.running, self._hear = True, hear
        for answer in self.answers(self):
            hear(answer)

    def health(self) -> Sequence[CameraHealth]:
        return [replace(GOOD, camera=camera, state=self.state) for camera in self.addresses]

    def withdraw(self, subject: SubjectId) -> None:
        assert self._hear is not None
        assert subject == NOA_ID
        for answer in self.after:
            self._hear(answer)

    def stop(self) -> None:
        self.running = False

    def export(self, camera: CameraId, target: Path) -> None:
        assert not self.running
        shutil.copy(self.recording, target)


def what_must_happen(stack: FakeStack) -> list[Said]:
    """Ada and Eli and Noa named where they walk, the two alike undecided."""
    return [
        said("lobby-1", "ada", 0.36),
        said("lobby-2", "ada", 0.48),
        said("garden-1", "eli", 0.3),
        said("gate-1", None, 0.3, Reason.TWO_ALIKE),
        said("gate-1", None, 0.7, Reason.TWO_ALIKE, track="t-2"),
        said("lobby-3", "noa", 0.38),
    ]


@pytest.fixture(scope="module")
def films(the_town: Town, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Clip]:
    """The clips of the live cameras, two seconds of each."""
    folder = tmp_path_factory.mktemp("films")
    names = {camera.clip for camera in town_cameras(the_town)}
    scenes = {clip.name: clip.scene for clip in the_town.clips if clip.name in names} | {WAITS: WAITING}
    scenes = {name: replace(scene, fps=12.5, seconds=2.0) for name, scene in scenes.items()}
    wardrobe = dress(scenes.values())
    return {name: write_clip(scene, folder / f"{name}.mp4", wardrobe) for name, scene in scenes.items()}


@pytest.fixture(scope="module")
def covered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording in which nobody shows: grey."""
    path = tmp_path_factory.mktemp("covered") / "covered.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for _ in range(6):
            grey = av.VideoFrame.from_ndarray(np.full((360, 640, 3), 90, np.uint8), format="bgr24")
            container.mux(stream.encode(grey))
        container.mux(stream.encode(None))
    return path


def play(stack: FakeStack, the_town: Town, films: dict[str, Clip], out: Path) -> LiveResult:
    return run_live(stack, the_town, films, out, lambda line: None, Pace(0.2, 0.0, 0.1))


def what_must_happen_as_real_cameras_show_it(stack: FakeStack) -> list[Said]:
    for address in stack.addresses.values():
        with av.open(address, options={"rtsp_transport": "tcp"}, timeout=(10, 10)) as camera:
            assert next(camera.decode(video=0)).width == 1280
    return what_must_happen(stack)


GONE = said("lobby-3", None, 0.38)


def test_the_live_part_as_it_must_be(the_town: Town, films: dict[str, Clip], covered: Path, tmp_path: Path) -> None:
    """Five cameras on real RTSP, all as expected; page and summary say so, and the stack is stopped."""
    stack = FakeStack(covered, what_must_happen_as_real_cameras_show_it, [GONE])
    live = play(stack, the_town, films, tmp_path)
    assert live.ok, live
    assert not stack.running
    assert len(live.cameras) == 5
    assert all(address.startswith("rtsp://127.0.0.1:") for address in stack.addresses.values())
    assert live.slowest_s == 0.1
    result = DemoResult((), Mistakes(), 0, 1, 1.0, {}, live)
    assert result.ok
    assert '"name_ended_s": 0.0' in write_summary(result, the_town, tmp_path).read_text()
    page = write_page(result, the_town, tmp_path).read_text()
    assert "Noa withdrew in view of a camera" in page
    assert "live-gate-1.mp4" in page


@pytest.mark.parametrize(
    "spoil",
    [
        {"after": []},  # her name stays
        {"after": [GONE], "state": CameraState.LOST},
        {"after": [GONE, said("lobby-2", "ada", 0.9)]},  # a stranger is named
        {"after": [GONE, said("gate-1", "ira", 0.3)]},  # one of the two alike is named
    ],
)
def test_what_must_not_happen_is_noticed(
    spoil: dict, the_town: Town, films: dict[str, Clip], covered: Path, tmp_path: Path
) -> None:
    """Each by itself fails the live part, and the demo with it."""
    live = play(FakeStack(covered, what_must_happen, **spoil), the_town, films, tmp_path)
    assert not live.ok
    assert not DemoResult((), Mistakes(), 0, 1, 1.0, {}, live).ok


def test_a_face_in_a_recording_is_noticed(the_town: Town, films: dict[str, Clip], tmp_path: Path) -> None:
    """The town's own film in place of a covered one."""
    live = play(FakeStack(films["01-lobby-arrival"].path, what_must_happen, [GONE]), the_town, films, tmp_path)
    assert all(camera.visible > 0 for camera in live.cameras)
    assert not live.ok


def test_a_stack_that_fails_is_stopped_and_so_is_the_broadcast(
    the_town: Town, films: dict[str, Clip], covered: Path, tmp_path: Path
) -> None:
    """An error while it is watched leaves no process behind."""

    def fails(stack: FakeStack) -> Sequence[Said]:
        raise RuntimeError("planted")

    stack = FakeStack(covered, fails)
    with pytest.raises(RuntimeError, match="planted"):
        play(stack, the_town, films, tmp_path)
    assert not stack.running
    with pytest.raises(av.error.FFmpegError):
        av.open(stack.addresses[LOBBY_1], options={"rtsp_transport": "tcp"}, timeout=(5, 5))


def test_an_endless_clip_ends_where_it_begins(films: dict[str, Clip], tmp_path: Path) -> None:
    """There and back: nearly twice the pictures, and no jump from the last to the first as the film itself has."""
    film = films["01-lobby-arrival"]
    write_endless(film.path, tmp_path / "endless.mp4", film.fps)
    with av.open(str(tmp_path / "endless.mp4")) as container:
        pictures = [frame.to_ndarray(format="gray").astype(np.int16) for frame in container.decode(video=0)]
    assert len(pictures) == 2 * len(film.truth) - 2
    jump = np.abs(pictures[len(film.truth) - 1] - pictures[0]).mean()
    assert np.abs(pictures[-1] - pictures[0]).mean() < jump / 3


def town_today() -> Town:
    return town(datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0))


def test_the_live_town_is_watched_by_the_keeper_and_its_workers(films: dict[str, Clip], tmp_path: Path) -> None:
    """Nothing is played: processes, RTSP, recordings and a withdrawal in view, as `beholden demo` has them."""
    said: list[str] = []
    today = town_today()
    stack = DemoStack(tmp_path / "data", today, load_engine())
    live = run_live(stack, today, films, tmp_path, said.append, Pace(least_s=2.0, after_s=3.0))
    assert live.ok, said
    assert all(camera.pictures_checked > 0 for camera in live.cameras)
    assert live.withdrawal.ended_s is not None


def test_the_town_lives_today_too(the_town: Town) -> None:
    """Its cameras do not depend on the day, and everybody whom they must name is enrolled."""
    today = town_today()
    assert [camera.expect for camera in town_cameras(today)] == [camera.expect for camera in town_cameras(the_town)]
    enrolled = {resident.person for resident in today.residents}
    named: set[PersonId] = set().union(*(camera.expect.named for camera in town_cameras(today)))
    assert named == {ADA, ELI, NOA}
    assert named <= enrolled
