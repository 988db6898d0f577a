"""The judge of the chaos run finds what is lost and what is doubled, and nothing else."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from benchmarks.chaos import Ack, Listener, doubled, lost, main

from beholden.acts.sightings.sighting import Sighting
from beholden.model.ids import CameraId, GrantId, PlaceId, SightingId, SubjectId

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NAMES = {SubjectId("s_ada"): "Ada", SubjectId("s_noa"): "Noa"}


def moment(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def stored(begins: float, ends: float, who: str = "s_ada", place: str = "hall") -> Sighting:
    return Sighting(
        SightingId(f"{who}{begins}"),
        SubjectId(who),
        GrantId("g"),
        CameraId("c"),
        PlaceId(place),
        moment(begins),
        moment(ends),
        3,
        NOON + timedelta(hours=24),
    )


def test_an_acknowledged_name_inside_a_sighting_is_kept() -> None:
    """Also one that was told some seconds after its shot, because the keeper had to be replaced."""
    assert lost([Ack("Ada", "hall", moment(5), 0.1)], [stored(0, 10)], NAMES) == []
    assert lost([Ack("Ada", "hall", moment(13), 3.0)], [stored(0, 10)], NAMES) == []


@pytest.mark.parametrize(
    "sightings", [[], [stored(0, 10, "s_noa")], [stored(0, 10, place="gate")], [stored(0, 3)], [stored(8, 10)]]
)
def test_a_name_that_no_sighting_covers_is_lost(sightings: list[Sighting]) -> None:
    """Nobody's, somebody else's, another place's, one that ended before, one that began after."""
    ack = Ack("Ada", "hall", moment(5), 0.1)
    assert lost([ack], sightings, NAMES) == [ack]


def test_two_visits_within_a_minute_are_one_that_was_doubled() -> None:
    """Of one person at one place; a minute later it is another visit."""
    first = stored(0, 10)
    assert doubled([first, stored(60, 70)]) == [(first, stored(60, 70))]
    assert doubled([first, stored(5, 8)]) == [(first, stored(5, 8))]
    assert doubled([first, stored(71, 80)]) == []
    assert doubled([first, stored(60, 70, "s_noa"), stored(60, 70, place="gate")]) == []


def health(camera: str, analysed: int, newest: float, dropped: int = 0) -> dict:
    seen_at = datetime.fromtimestamp(newest, UTC).isoformat(timespec="milliseconds")
    return {"health": {"camera": camera, "analysed": analysed, "dropped": dropped, "seen_at": seen_at}}


def test_the_moment_of_the_first_picture_is_reckoned_from_the_count() -> None:
    """One camera went on, the other began again 1.4 s after the kill: three pictures later it was 1.8 s."""
    listener = Listener()
    listener.hear(health("one", 5000, 1001.0))
    listener.hear(health("two", 3, 1001.8))
    assert listener.back(["one", "two"], 1000.0, 0.1) == pytest.approx(1.4)


def test_a_camera_of_which_only_older_pictures_are_known_is_not_back() -> None:
    """Nor one that never was."""
    listener = Listener()
    listener.hear(health("one", 5000, 999.9))
    assert listener.back(["one"], 1000.0, 0.05) is None
    assert listener.back(["never"], 1000.0, 0.05) is None


def test_who_waits_hears_of_it() -> None:
    """The line may come from another thread."""
    listener = Listener()
    threading.Timer(0.1, listener.hear, [health("one", 1, 1000.5)]).start()
    began = time.monotonic()
    assert listener.back(["one"], 1000.0, 20.0) == pytest.approx(0.5)
    assert time.monotonic() - began < 15


def test_only_names_that_were_told_are_acknowledged() -> None:
    """Not who stayed unknown, and not the end of a track."""
    listener = Listener()
    told = {"place": "hall", "at": NOON.isoformat(), "shot_to_event_s": 0.2, "ended": False}
    listener.hear({"decision": told | {"answer": "known", "who": "Ada"}})
    listener.hear({"decision": told | {"answer": "unknown", "who": None}})
    listener.hear({"decision": told | {"answer": "known", "who": "Ada", "ended": True}})
    assert listener.acks == [Ack("Ada", "hall", NOON, 0.2)]


@pytest.mark.skipif(find_spec("aio_rtsp_toolkit") is None, reason="the demo's extra is not installed: aio-rtsp-toolkit")
def test_a_few_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """Two of the keeper and two of workers: everything is back each time, and every name that was told is stored once.

    How quickly it was back is for the long run, on a machine that does nothing else, as are sightings that close.
    """
    main(["--kills=2", "--cameras=2", "--quiet=4", f"--out={tmp_path / 'out'}", f"--clips={tmp_path / 'clips'}"])
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert [role for role, *_ in sorted(summary["kills"])] == ["keeper", "keeper", "worker", "worker"]
    assert all(back_s is not None for *_, back_s in summary["kills"])
    assert (summary["lost"], summary["doubled"]) == ([], [])
    assert summary["acknowledged"] > 0
    assert summary["sightings"] > 0
