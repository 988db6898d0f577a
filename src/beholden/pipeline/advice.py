"""What would make a camera better, in plain sentences with numbers in them. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from statistics import median

from beholden.faces.quality import QualityGates
from beholden.model.face import FLAW_WORDS, Flaw
from beholden.pipeline.findings import (
    DIM,
    GOOD_SHOTS,
    OFTEN,
    CheckReport,
    Look,
    Watched,
    median_of,
    near_of,
    people_of,
    percent,
    share_of,
)

_SPARE = 1.05  # a camera that is moved just far enough is not far enough on the next day
_BLACK = 25.0  # mean grey level of a picture in which nobody can be seen
_SLOW_HZ = 3.0
_WIDTHS = (1280, 1920, 2560, 3840)
_SHARES = (
    *((0.1, "a tenth"), (0.2, "a fifth"), (0.25, "a quarter"), (1 / 3, "a third"), (0.5, "half")),
    *((2 / 3, "two thirds"), (0.75, "three quarters")),
)


def advise(found: CheckReport, watched: Watched, gates: QualityGates) -> tuple[str, ...]:
    """What to do, the most important first; nothing when nothing needs to be done."""
    people = people_of(watched.looks)
    if not people:
        return (_of_nobody(found, watched),)
    near = near_of([look for person in people for look in person], gates)
    sentences = (
        _of_size(found),
        _of_edges(watched),
        _of_light(found, near),
        _of_blur(near, gates),
        _of_pose(found),
        _of_hiding(near),
        _of_rate(found, people),
    )
    said = tuple(sentence for sentence in sentences if sentence)
    return said if said or found.usable else (_of_the_rest(near),)


def _of_nobody(found: CheckReport, watched: Watched) -> str:
    if not found.frames:
        return "No picture came: look at the camera's line in `beholden watch`, which says why in words."
    if watched.brightness < _BLACK:
        return "The picture is nearly black: take the cap off, or add light; then check again."
    return _of_edges(watched) or (
        f"No face was seen in {found.seconds:.0f} seconds: let somebody walk past as people do there, and check again. "
        "If somebody did, they were too far away or turned away."
    )


def _of_size(found: CheckReport) -> str | None:
    if found.typical_px >= found.needed_px:
        return None
    factor = _SPARE * found.needed_px / found.typical_px
    reach = f"Faces reach {found.typical_px:.0f} pixels; {found.needed_px:.0f} are needed"
    if found.widest_px >= found.needed_px:
        reach = f"Most faces reach {found.typical_px:.0f} pixels (the widest {found.widest_px:.0f}); " + (
            f"{found.needed_px:.0f} are needed"
        )
    ways = [
        f"move the camera closer by {_share_in_words(1 - 1 / factor)} of the way",
        f"use a lens of {math.ceil(10 * factor) / 10:.1f} times the focal length",
    ]
    wider = next((width for width in _WIDTHS if width >= factor * found.size[0]), None)
    if wider is not None:
        ways.append(f"if the camera has a stream {wider} pixels wide, add that one as --main")
    return f"{reach}: {', or '.join(ways)}."


def _of_edges(watched: Watched) -> str | None:
    cut = sum(count for _, count in watched.cut)
    if not cut or (share := cut / (cut + len(watched.looks))) < OFTEN:
        return None
    edge = max(watched.cut, key=lambda pair: pair[1])[0]
    way = {"upper": "tilt the camera up", "lower": "tilt the camera down"}.get(edge, f"turn the camera to the {edge}")
    return f"{percent(share)} of the faces are cut off, mostly by the {edge} edge of the picture: {way}."


def _of_light(found: CheckReport, near: Sequence[Look]) -> str | None:
    poor = percent(share_of(near, lambda look: look.quality.light < DIM))
    if found.lighting == "dark":
        return (
            f"{poor} of the faces are dark (light {found.light:.2f}): add light from where the camera is, "
            "or turn it away from windows behind the people."
        )
    if found.lighting == "bright":
        return f"{poor} of the faces are over-exposed (light {found.light:.2f}): shade them, or lower the exposure."
    return None


def _of_blur(near: Sequence[Look], gates: QualityGates) -> str | None:
    share = share_of(near, lambda look: Flaw.BLURRED in look.quality.flaws)
    if share < OFTEN:
        return None
    sharp = median_of(near, lambda look: look.quality.sharpness)
    return (
        f"{percent(share)} of the faces are blurred (sharpness {sharp:.2f}; {gates.min_sharpness:.2f} are needed): "
        "set the focus, add light or a shorter exposure (1/100 s), and give the stream more bits."
    )


def _of_pose(found: CheckReport) -> str | None:
    if found.turned in {"left", "right"}:
        return f"Most faces are turned to the {found.turned} of the picture: put the camera where people look."
    if found.turned == "down":
        return "Most faces are seen from above: hang the camera lower, or further along the way people come from."
    if found.turned == "up":
        return "Most faces are seen from below: hang the camera higher."
    return None


def _of_hiding(near: Sequence[Look]) -> str | None:
    share = share_of(near, lambda look: Flaw.OCCLUDED in look.quality.flaws)
    if share < OFTEN:
        return None
    return f"{percent(share)} of the faces are partly hidden: by masks, hands, or something in front of the camera."


def _of_rate(found: CheckReport, people: Sequence[Sequence[Look]]) -> str | None:
    if found.enough == found.people or not any(look.quality.usable for person in people for look in person):
        return None
    if found.frame_rate < _SLOW_HZ:
        return (
            f"Only {found.frame_rate:.1f} pictures a second arrive: raise the camera's frame rate to 10 or more, "
            "or look at its network."
        )
    seen = median(person[-1].at_s - person[0].at_s for person in people)
    return (
        f"{found.people - found.enough} of {found.people} gave fewer than {GOOD_SHOTS} good shots in the {seen:.1f} s "
        "that they are in view: aim the camera along the way they come, so that they are seen for longer."
    )


def _of_the_rest(near: Sequence[Look]) -> str:
    """No flaw is frequent, and together they leave too little: the most frequent one."""
    flaws = Counter(flaw for look in near for flaw in look.quality.flaws)
    if not flaws:
        return "Faces are seen too shortly: aim the camera along the way people come."
    flaw, count = flaws.most_common(1)[0]
    return f"Most often ({percent(count / len(near))} of the faces) {FLAW_WORDS[flaw]}."


def _share_in_words(share: float) -> str:
    """The next larger share that people have a word for."""
    return next((words for value, words in _SHARES if value >= share - 0.005), "nine tenths")
