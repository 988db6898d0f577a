"""The wall clock of a stream: jitter does not show, drift is followed, jumps are said."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.video.camera.wall import LATEST_S, Jump, WallClock

BEGAN = 5_000.0
UTC_BEGAN = 1_780_000_000.0
FPS = 25.0


class Camera:
    """A simulated camera: true times go in, packets with stream times and arrivals come out."""

    def __init__(self, *, start: float = 0.0, ppm: float = 0.0, turn: float | None = None) -> None:
        self.start, self.rate, self.turn = start, 1 + ppm * 1e-6, turn
        self.clock = WallClock(BEGAN, UTC_BEGAN)
        self.jump = 0.0

    def stream_time(self, true_s: float) -> float:
        time = self.start + self.jump + true_s * self.rate
        return time % self.turn if self.turn else time

    def picture(self, true_s: float, delay_s: float = 0.0, slewed: float = 0.0) -> tuple[float, Jump | None]:
        """How far the captured time is from the truth in seconds, and the jump."""
        shown, arrived = self.stream_time(true_s), BEGAN + true_s + delay_s
        jump = self.clock.arrived(shown, arrived, UTC_BEGAN + true_s + delay_s + slewed)
        moment = self.clock.moment(shown)
        return moment.at.timestamp() - (UTC_BEGAN + true_s), jump


def test_jitter_of_the_network_does_not_show() -> None:
    """Packets that come 0-400 ms late tell the same time as packets that come at once."""
    camera, chance = Camera(start=77.0), random.Random(1)
    errors = [camera.picture(n / FPS, chance.uniform(0, 0.4))[0] for n in range(5000)]
    assert max(map(abs, errors[250:])) < 0.03


@pytest.mark.parametrize("ppm", [300.0, -300.0])
def test_a_month_of_drift_stays_within_50_ms(ppm: float) -> None:
    """A crystal that is 300 ppm off would be 13 minutes off after a month: it is followed."""
    camera, chance = Camera(ppm=ppm), random.Random(2)
    worst = 0.0
    for second in range(0, 30 * 86_400, 4):
        error, jump = camera.picture(float(second), chance.uniform(0, 0.4) if chance.random() < 0.25 else 0.0)
        assert jump is None
        worst = max(worst, abs(error)) if second > 120 else 0.0
    assert worst < 0.05


def test_a_jump_of_the_streams_clock_is_said_once_and_changes_no_time() -> None:
    """A camera that sets its clock by hours goes on in our time, and the jump is known."""
    for hours in (3.0, -3.0):
        camera = Camera(start=1e6)
        for n in range(100):
            camera.picture(n / FPS)
        camera.jump = hours * 3600
        error, jump = camera.picture(100 / FPS)
        assert jump is Jump.STREAM
        assert abs(error) < 0.01
        assert all(camera.picture(n / FPS) == pytest.approx((0.0, None), abs=0.01) for n in range(101, 200))


@pytest.mark.parametrize("turn", [2**32 / 90_000, 2**33 / 90_000])
def test_a_counter_that_wraps_is_no_jump(turn: float) -> None:
    """RTP's 32 bits at 90 kHz begin again every 13 hours."""
    camera = Camera(start=turn - 2, turn=turn)
    for n in range(200):
        error, jump = camera.picture(n / FPS, 0.01 * (n % 3))
        assert jump is None
        assert abs(error) < 0.02


def test_pictures_reordered_over_a_wrap_keep_their_times() -> None:
    """A B-frame from before the wrap that is shown after it is not 13 hours old."""
    turn = 2**32 / 90_000
    clock = WallClock(BEGAN, UTC_BEGAN)
    clock.arrived(turn - 0.08, BEGAN + 0.2, UTC_BEGAN + 0.2)
    clock.arrived(0.04, BEGAN + 0.32, UTC_BEGAN + 0.32)
    clock.arrived(turn - 0.04, BEGAN + 0.33, UTC_BEGAN + 0.33)
    moments = [clock.moment(shown).offset_s for shown in (turn - 0.08, turn - 0.04, 0.0, 0.04)]
    assert moments == pytest.approx([0.2, 0.24, 0.28, 0.32], abs=0.001)


def test_a_jump_of_the_system_clock_is_said_and_followed() -> None:
    """Somebody sets this machine's clock: captured times are on the new one, offsets go on."""
    camera = Camera()
    for n in range(100):
        camera.picture(n / FPS)
    before = camera.clock.last_s
    error, jump = camera.picture(100 / FPS, slewed=7200.0)
    assert (jump, error) == (Jump.SYSTEM, pytest.approx(7200.0, abs=0.01))
    assert camera.clock.last_s - before == pytest.approx(1 / FPS, abs=0.001)


def test_a_reading_of_the_clocks_that_was_interrupted_hardly_shows() -> None:
    """A thread that is put aside between two clocks reads them 100 ms apart."""
    camera = Camera()
    errors = [camera.picture(n / FPS, slewed=0.1 if n == 50 else 0.0)[0] for n in range(100)]
    assert max(map(abs, errors)) < 0.01


def test_what_was_held_up_comes_in_a_burst_and_is_not_in_the_future() -> None:
    """A server sends five seconds that it had kept: they were taken before they came."""
    clock = WallClock(BEGAN, UTC_BEGAN)
    for n in range(125):
        clock.arrived(n / FPS, BEGAN + 1.0, UTC_BEGAN + 1.0)
        assert clock.moment(n / FPS).offset_s <= 1.0 + 0.2
    clock.arrived(5.0, BEGAN + 1.04, UTC_BEGAN + 1.04)
    for n in range(126, 260):
        at = 1.0 + (n - 125) / FPS
        assert clock.arrived(n / FPS, BEGAN + at, UTC_BEGAN + at) is None
        offset = clock.moment(n / FPS).offset_s
    assert offset == pytest.approx(at, abs=0.02)


def test_a_stall_is_no_jump() -> None:
    """Packets five seconds late, then all at once: no cut, at most two seconds are admitted, then it is as before."""
    camera = Camera()
    for n in range(100):
        camera.picture(n / FPS)
    for n in range(100, 225):
        true_s = n / FPS
        error, jump = camera.picture(true_s, delay_s=100 / FPS + 5.0 - true_s)
        assert jump is None
        assert error <= 5.0 - LATEST_S + 0.2
    assert all(camera.picture(n / FPS) == pytest.approx((0.0, None), abs=0.02) for n in range(240, 300))


def test_pictures_without_times_are_taken_when_they_come() -> None:
    """MJPEG has no times, and the first packet of RTSP may have none."""
    clock = WallClock(BEGAN, UTC_BEGAN)
    clock.arrived(None, BEGAN + 1.5, UTC_BEGAN + 1.5)
    moment = clock.moment(None)
    assert moment.offset_s == pytest.approx(1.5)
    assert moment.at == datetime.fromtimestamp(UTC_BEGAN + 1.5, UTC)
    clock.arrived(float("nan"), BEGAN + 1.6, UTC_BEGAN + 1.6)
    assert clock.moment(float("nan")).offset_s == pytest.approx(1.6)


def test_offsets_go_on_over_a_new_connection() -> None:
    """After a reconnect the stream starts at zero, and our time does not."""
    clock = WallClock(BEGAN, UTC_BEGAN)
    clock.arrived(900.0, BEGAN + 1, UTC_BEGAN + 1)
    clock.moment(900.0)
    clock.begin_again()
    assert clock.arrived(0.0, BEGAN + 61, UTC_BEGAN + 61) is None
    assert clock.moment(0.0).offset_s == pytest.approx(61.0)


steps = st.tuples(
    st.one_of(st.none(), st.floats(-1e9, 1e9), st.floats(0, 0.2)),
    st.floats(0, 10),
    st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(steps, min_size=1, max_size=60))
def test_whatever_comes_times_go_forward_and_stay_near_the_arrival(
    script: list[tuple[float | None, float, bool]],
) -> None:
    """Random stream times, pauses and reconnects: strictly increasing, aware, at most two seconds old, never ahead."""
    clock = WallClock(BEGAN, UTC_BEGAN)
    arrived, shown, offsets = BEGAN, 0.0, []
    for step, wait, again in script:
        arrived += wait
        if again:
            clock.begin_again()
        shown = shown + step if step is not None and 0 <= step <= 0.2 else step if step is not None else shown
        clock.arrived(None if step is None else shown, arrived, UTC_BEGAN + arrived - BEGAN)
        moment = clock.moment(None if step is None else shown)
        offsets.append(moment.offset_s)
        assert moment.at.tzinfo is UTC
        assert -LATEST_S - 0.1 <= moment.offset_s - (arrived - BEGAN) <= 0.1
    assert all(a < b for a, b in pairwise(offsets))
