"""The soak, short: three cameras for less than a minute, watched by the program as its users run it."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Any

import pytest

from beholden.process import INTERRUPTED
from benchmarks import soak

MISSING = [name for name in ("openpeople", "aio_rtsp_toolkit") if find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"the demo's extra is not installed: {', '.join(MISSING)}")
CAMERAS = 3


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a run of 40 s measured. Whether limits were kept depends on the machine's other work, and is not asked."""
    folder = tmp_path_factory.mktemp("soak")
    soak.main(
        [f"--minutes={40 / 60}", f"--cameras={CAMERAS}", f"--out={folder / 'out'}", f"--clips={folder / 'clips'}"]
    )
    return json.loads((folder / "out" / "summary.json").read_text())


def test_every_camera_was_watched_and_people_were_named(summary: dict[str, Any]) -> None:
    """Over real RTSP, by processes of their own, until the end."""
    assert set(summary["per_camera"]) == {f"camera-{number + 1}" for number in range(CAMERAS)}
    for camera in summary["per_camera"].values():
        assert camera["read_fps"] > 5
        assert camera["analysed_fps"] > 0.5
        assert camera["error"] is None
    assert summary["events"]["named"] > 0
    assert summary["shot_to_event_s"]["count"] > 0
    assert summary["exit_code"] == INTERRUPTED


def test_nobody_was_named_at_a_camera_that_never_shows_them(summary: dict[str, Any]) -> None:
    """Whatever the load."""
    (check,) = [check for check in summary["checks"] if "never show" in check["what"]]
    assert check["value"] == 0


def test_memory_is_known_for_each_number_of_cameras(summary: dict[str, Any]) -> None:
    """A camera more, on workers that run already, costs megabytes and not hundreds of them."""
    memory = summary["memory"]["by_cameras_mb"]
    assert set(memory) == {str(number + 1) for number in range(CAMERAS)}
    assert 100 < memory["1"] < 2000
    assert memory["3"] - memory["2"] < 80
    assert summary["memory"]["highest_mb"] >= memory["3"]


def test_the_summary_tells_what_a_long_run_is_judged_by(summary: dict[str, Any]) -> None:
    """Each limit with its value; what 40 s cannot say is not judged."""
    judged = {check["what"]: check["judged"] for check in summary["checks"]}
    assert judged["memory over time, all processes"] is False
    assert judged["memory for each camera after the first"] is True
    assert {"cpu", "restarts", "faults", "bytes", "machine", "minutes", "ok"} <= set(summary)
    assert summary["bytes"]["log"] > 0
    assert summary["bytes"]["recordings"] > 0
    assert any(fault["what"] == "cut" for fault in summary["faults"])
