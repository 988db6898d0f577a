"""Results of a bench that nobody ran."""

from __future__ import annotations

from dataclasses import replace

from beholden.scale.measured import Bench, CameraMeasured, Machine, Period, StreamMeasured

STREAM = StreamMeasured("h264", 1920, 1080, 25.0, 4.0)
CAMERA = CameraMeasured(
    "camera-1", "rtsp://10.0.0.9:554/…", (STREAM,), 1500, 300, 0, 0, 60, 5, 3, 9.0, 7.0, 1.5, 0.5, 1_200_000
)
LOST = replace(CAMERA, camera="camera-2", read=0, looked_at=0, faces=0, cpu_s=0.0, problem="no route to it")


def period(*cameras: CameraMeasured, recorded: bool = False, others_s: float = 0.0) -> Period:
    """A minute of these cameras; CPU seconds as theirs add up."""
    shown = cameras or (CAMERA,)
    return Period(recorded, 60.0, sum(each.cpu_s for each in shown), others_s, 150.0, 180.0, shown)


def bench(*periods: Period, seconds: float = 60.0) -> Bench:
    """A run of two cores and 8 GB."""
    machine = Machine(2.0, 8000.0, "A processor")
    return Bench("0.1.0", machine, seconds, 5.0, 5.0, 1000, 512, 0.0005, periods or (period(),))
