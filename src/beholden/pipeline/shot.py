"""One face of one frame, cut from the largest picture of its moment and judged."""

from __future__ import annotations

from beholden.faces.again import find_again
from beholden.faces.align import cut
from beholden.faces.detect import Detector
from beholden.faces.engine import FaceEngine
from beholden.faces.quality import QualityGates, assess, glance
from beholden.model.errors import ModelError
from beholden.model.face import Face, Quality
from beholden.model.frame import Detail, Frame, Pixels

Shot = tuple[Pixels, Quality]
"""The aligned face (112x112x3 BGR, the caller's to wipe) and how fit it is."""


def cut_shot(face: Face, frame: Frame, engine: FaceEngine) -> Shot | None:
    """`cut_face`, for a face that is fit as far as can be seen without; None when it is not worth it.

    The cheap questions come first: a larger stream of the camera is decoded only for a face that is fit so far.
    """
    if glance(face, frame.size, frame.scale, engine.gates, frame.blind):
        return None
    return cut_face(face, frame, engine.detector, engine.gates)


def cut_face(face: Face, frame: Frame, detector: Detector, gates: QualityGates) -> Shot | None:
    """The face as the largest picture of its moment shows it; None when it is not to be found there."""
    detail = frame.detail.settled()
    scale = detail.size[0] / frame.size[0], detail.size[1] / frame.size[1]
    if not detail.exact:
        return _found_again(face, detail, scale, detector, gates)
    aligned = cut(detail, face.landmarks, scale)
    if aligned is None:
        return None
    return aligned, assess(face, aligned, frame.size, scale, gates)


def _found_again(
    face: Face, detail: Detail, scale: tuple[float, float], detector: Detector, gates: QualityGates
) -> Shot | None:
    """From a picture of another stream: its face stands a little elsewhere, and has its own landmarks."""
    try:
        found = find_again(detail, face.box.scaled(*scale), detector)
    except ModelError:  # no shot; covering goes on
        return None
    aligned = cut(detail, found.landmarks, (1.0, 1.0)) if found is not None else None
    if found is None or aligned is None:
        return None
    return aligned, assess(found, aligned, detail.size, (1.0, 1.0), gates)
