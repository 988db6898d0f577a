"""When the detector may be spared: only where nothing changed since it looked."""

from __future__ import annotations

import numpy as np

from beholden.pipeline.motion import LOOK_AGAIN_S, MotionGate


def scene(seed: int = 0, noise: float = 2.0) -> np.ndarray:
    """A grey gradient with sensor noise, 640x360 BGR."""
    base = np.linspace(60, 180, 640)[None, :, None] + np.zeros((360, 640, 3))
    noisy = base + np.random.default_rng(seed).normal(0, noise, base.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def test_the_first_frame_is_always_looked_at() -> None:
    """Nothing seen yet."""
    assert MotionGate().changed(scene(), 0.0)


def test_noise_alone_changes_nothing() -> None:
    """A still scene with sensor noise needs no detector."""
    gate = MotionGate()
    gate.changed(scene(0), 0.0)
    assert not gate.changed(scene(1), 0.2)


def test_a_small_face_that_appears_is_a_change() -> None:
    """Twelve pixels of something new are enough."""
    gate = MotionGate()
    gate.changed(scene(0), 0.0)
    frame = scene(1)
    frame[200:212, 300:312] = 200
    assert gate.changed(frame, 0.2)


def test_a_faint_change_is_a_change() -> None:
    """In the dark a face differs by little."""
    gate = MotionGate()
    gate.changed(scene(0), 0.0)
    frame = scene(1)
    frame[200:216, 300:316] += 14
    assert gate.changed(frame, 0.2)


def test_slow_changes_add_up() -> None:
    """The comparison is with what the detector saw, not with the frame before."""
    gate = MotionGate()
    gate.changed(scene(0), 0.0)
    looked = []
    for step in range(1, 5):
        frame = scene(step)
        frame[100:140, 100:140] += 3 * step
        looked.append(gate.changed(frame, 0.2 * step))
    assert any(looked)


def test_the_detector_looks_again_after_two_seconds_at_most() -> None:
    """Even if nothing moves at all."""
    gate = MotionGate()
    gate.changed(scene(0), 0.0)
    assert not gate.changed(scene(0), LOOK_AGAIN_S - 0.1)
    assert gate.changed(scene(0), LOOK_AGAIN_S)


def test_another_size_is_a_change() -> None:
    """A stream that changes its resolution is a new picture."""
    gate = MotionGate()
    gate.changed(scene(), 0.0)
    assert gate.changed(scene()[:180], 0.1)
