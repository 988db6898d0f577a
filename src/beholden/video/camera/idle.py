"""When nothing moves, packets between keyframes wait undecoded; when something does, they are decoded after all.

A camera comes to rest at a keyframe, when whoever looks at its frames has seen nothing for a while, and
when its stream is one in which that loses nothing: keyframes at least once a second that need nothing
before them, no reordering, no damage, and packets whose sizes would tell of somebody who comes and goes
between two keyframes (`Resting.ALWAYS` does without that). It wakes when a keyframe shows another scene
than those before, when packets are larger than they are in the still scene, when whoever looks sees
something, and when the stream is not what it was. Then everything since the last keyframe is decoded, so
that what came in between two keyframes is seen on its way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

import av

from beholden.model.frame import Pixels
from beholden.video.camera.kept import Group, Kept
from beholden.video.camera.restart import begins_anew
from beholden.video.camera.sizes import Sizes
from beholden.video.change import averaged, differ

CALM_S = 5.0
"""Nothing moved, and nobody was in view, for so long."""
MOST_GROUP_S = 1.1
"""From keyframe to keyframe: a second, and what clocks of cameras are off. So late is noticed what comes in."""
GROUPS = 3
"""So many groups one after the other were as they have to be."""
MOST_BYTES = 4 << 20
"""Of packets that wait: 32 Mbit/s."""
_FRESH_S = 2.0  # whoever looks is no further behind
_COMPARED_S = 2.0  # with all keyframes of so long: the detector saw one of them last, and slow changes add up


class Resting(StrEnum):
    """When a camera may rest."""

    NEVER = "never"
    CAREFUL = "careful"
    """Where somebody who is there for less than from keyframe to keyframe would be noticed too."""
    ALWAYS = "always"
    """Where they might not be as well."""


class Step(Enum):
    """What is to be done with a packet."""

    DECODE = auto()
    KEEP = auto()
    LOOK = auto()
    """A keyframe while the camera rests: decode it, and see if it shows the `same`."""
    WAKE = auto()
    """Decode what was kept, then this."""


@dataclass(frozen=True, slots=True)
class _Looked:
    seen_s: float
    moved_s: float


class Idle:
    """Whether one camera rests. `looked` may be called by another thread, one only; the rest by the one that reads."""

    def __init__(self, when: Resting) -> None:
        self._when = when
        self._looked: _Looked | None = None
        self._begin("", None)

    def looked(self, offset_s: float, *, still: bool) -> None:
        """The frame of `offset_s` was looked at. `still`: it shows nothing new, and nobody is followed in it."""
        before = self._looked
        moved_s = before.moved_s if still and before is not None else offset_s
        self._looked = _Looked(offset_s, moved_s)  # one object: whoever reads it has both numbers of one moment

    def begin_again(self, codec: str, extradata: bytes | None) -> None:
        """A new connection: what was kept of the one before is gone."""
        self._begin(codec, extradata)

    def _begin(self, codec: str, extradata: bytes | None) -> None:
        self._codec, self._extradata = codec, extradata
        self._group: Group | None = None
        self._resting_since: _Looked | None = None
        self._seen: deque[tuple[float, Pixels]] = deque()
        self._sizes = Sizes()
        self._good = 0
        self._plain = False
        self._key_s = self._key_before_s = float("-inf")
        self._last_pts: int | None = None

    @property
    def resting(self) -> bool:
        return self._group is not None

    # ----- while it is awake

    def decoded(
        self, packet: av.Packet[av.VideoStream], offset_s: float, found: Sequence[av.VideoFrame], *, needed: bool
    ) -> bool:
        """Take note of a packet and the whole pictures that came of it; whether the camera may rest from here on.

        `needed`: it was decoded even if no other picture refers to it.
        """
        if packet.is_keyframe:
            short = 0.0 < offset_s - self._key_s <= MOST_GROUP_S
            self._good = self._good + 1 if self._plain and short else 0
            self._plain = begins_anew(self._codec, self._extradata, packet)
        self._plain = self._plain and self._simple(packet, found, needed=needed)
        self._passed(packet, offset_s)
        if not (packet.is_keyframe and self._plain and self._good >= GROUPS and self._may()):
            return False
        self._resting_since = self._calm(offset_s)
        return self._resting_since is not None

    def _may(self) -> bool:
        return self._when is Resting.ALWAYS or (self._when is Resting.CAREFUL and self._sizes.telling)

    def _simple(self, packet: av.Packet[av.VideoStream], found: Sequence[av.VideoFrame], *, needed: bool) -> bool:
        """Whether the packet gave its own picture at once: nothing is reordered, held back or damaged."""
        own = [picture.pts for picture in found] == [packet.pts]
        return self._in_order(packet) and (own or not (needed or found))

    def _in_order(self, packet: av.Packet[av.VideoStream]) -> bool:
        if packet.is_corrupt or packet.pts is None:
            return False
        return self._last_pts is None or packet.pts > self._last_pts

    def _passed(self, packet: av.Packet[av.VideoStream], offset_s: float) -> None:
        self._last_pts = packet.pts
        if packet.is_keyframe:
            looked = self._looked
            self._sizes.begins(packet.size, still=looked is not None and looked.moved_s < self._key_before_s)
            self._key_before_s, self._key_s = self._key_s, offset_s
        else:
            self._sizes.passed(packet.size)

    def _calm(self, offset_s: float) -> _Looked | None:
        """What was last said by whoever looks, if nothing moved for long enough."""
        looked = self._looked
        if looked is None or offset_s - looked.seen_s > _FRESH_S or looked.seen_s - looked.moved_s < CALM_S:
            return None
        return looked

    def rest(self, key: Kept, pixels: Pixels) -> None:
        """From this keyframe on packets wait. `pixels` is what is analysed of it."""
        self._seen.clear()
        self._keep_from(key, averaged(pixels))

    # ----- while it rests

    def step(self, packet: av.Packet[av.VideoStream], offset_s: float, *, jumped: bool) -> Step:
        """What to do with the next packet. `jumped`: the stream's clock was set."""
        group = self._group
        if group is None:
            return Step.DECODE
        odd = jumped or not packet.size or not self._in_order(packet) or offset_s - group.began_s > MOST_GROUP_S
        if odd or (packet.is_keyframe and not begins_anew(self._codec, self._extradata, packet)):
            self._good = 0
            return Step.WAKE
        if self._stirred() or group.size + packet.size > MOST_BYTES:
            return Step.WAKE
        if packet.is_keyframe:
            return Step.LOOK if self._may() else Step.WAKE
        return Step.WAKE if self._sizes.large(packet.size) else Step.KEEP

    def _stirred(self) -> bool:
        """Whether whoever looks saw something since: in a frame that was on its way when the camera came to rest, or
        because they compare with an older picture."""
        looked, since = self._looked, self._resting_since
        return looked is not None and since is not None and looked.moved_s > since.moved_s

    def keep(self, one: Kept) -> None:
        """Let one more packet wait."""
        assert self._group is not None
        self._group.add(one, MOST_BYTES)
        self._passed(one.packet, one.offset_s)

    def same(self, key: Kept, found: Sequence[av.VideoFrame], pixels: Pixels) -> bool:
        """Whether a keyframe shows what those before it showed; then packets wait from it on, those before it go."""
        grey = averaged(pixels)
        if [picture.pts for picture in found] != [key.packet.pts] or any(differ(grey, old) for _, old in self._seen):
            return False
        self._keep_from(key, grey)
        self._passed(key.packet, key.offset_s)
        return True

    def wake(self) -> list[Kept]:
        """The camera rests no more: the last keyframe, which was shown, and all packets since."""
        group, self._group = self._group, None
        assert group is not None
        return group.kept

    def _keep_from(self, key: Kept, grey: Pixels) -> None:
        while self._seen and key.offset_s - self._seen[0][0] > _COMPARED_S:
            self._seen.popleft()
        self._seen.append((key.offset_s, grey))
        self._group = Group(key.offset_s)
        self._group.add(key, MOST_BYTES)
