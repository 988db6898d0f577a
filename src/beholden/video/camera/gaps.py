"""Were pictures lost before this packet? H.264 numbers its reference pictures; FFmpeg goes on without a word.

After a lost reference picture the decoder copies an older one in its place, and whatever moves leaves
smears until the next keyframe, unflagged. HEVC needs no such look: its decoder withholds what builds on
a lost picture. Of the stream only what leads to `frame_num` is read (ITU-T H.264, 7.3.2.1 and 7.3.3).
"""

from __future__ import annotations

from typing import cast

import av

_LOOKED_AT = 4096  # bytes of a packet: parameter sets and messages come before the picture
_SLICE, _IDR, _SPS = 1, 5, 7
_HIGH = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}
_TRUST = 3.0  # gaps close together that are believed
_FORGIVEN = 0.02  # per picture without one


class Gaps:
    """Follows the numbers of one stream; of anything but H.264 with start codes it knows nothing, and says so."""

    __slots__ = ("_bits", "_last", "_planes", "_watching", "_wrong")

    def __init__(self, codec: str, extradata: bytes | None) -> None:
        self._watching = codec == "h264" and (extradata or b"\0")[0] == 0  # files hold lengths, and lose nothing
        self._bits: int | None = None
        self._planes = False
        self._last: int | None = None
        self._wrong = 0.0
        if self._watching and extradata:
            self._read(extradata)

    def before(self, packet: av.Packet[av.VideoStream]) -> bool:
        """Whether a picture that others build on is missing between the last packet and this one.

        A camera whose numbers skip all the time does not number as the standard says: it is not believed.
        """
        if not self._watching:
            return False
        missing = self._read(bytes(memoryview(cast("bytes", packet))[:_LOOKED_AT]))
        self._wrong = max(0.0, self._wrong + (1.0 if missing else -_FORGIVEN))
        if self._wrong > _TRUST:
            self._watching = False
        return missing and self._watching

    def _read(self, data: bytes) -> bool:
        """Take in parameter sets, and the number of the first picture."""
        at = data.find(b"\0\0\1")
        while 0 <= at < len(data) - 4:
            head, kind = data[at + 3], data[at + 3] & 31
            body = data[at + 4 : at + 4 + 256]
            try:
                if kind == _SPS:
                    self._take_parameters(_Bits(body))
                elif kind in {_SLICE, _IDR}:
                    return self._picture(_Bits(body), reference=bool(head >> 5 & 3), idr=kind == _IDR)
            except IndexError:  # cut short or damaged: the decoder will say so
                return False
            at = data.find(b"\0\0\1", at + 4)
        return False

    def _picture(self, bits: _Bits, *, reference: bool, idr: bool) -> bool:
        if self._bits is None:
            return False
        bits.golomb()  # first macroblock
        bits.golomb()  # type of slice
        bits.golomb()  # picture parameter set
        if self._planes:
            bits.number(2)
        number, last = bits.number(self._bits), self._last
        if reference:
            self._last = number
        if idr or last is None or number == 0:  # 0: a picture may also set the numbers back without being an IDR
            return False
        return number not in {last, (last + 1) % (1 << self._bits)}

    def _take_parameters(self, bits: _Bits) -> None:
        profile = bits.number(8)
        bits.number(16)
        bits.golomb()  # id
        planes = False
        if profile in _HIGH:
            chroma = bits.golomb()
            planes = chroma == 3 and bool(bits.number(1))
            bits.golomb()  # depth of luma
            bits.golomb()  # and of chroma
            bits.number(1)
            if bits.number(1):
                _skip_scaling(bits, 12 if chroma == 3 else 8)
        width = bits.golomb() + 4
        if width > 16:
            raise IndexError
        kind = bits.golomb()
        if kind == 0:
            bits.golomb()
        elif kind == 1:
            bits.number(1)
            for _ in range(2):
                bits.golomb()
            for _ in range(min(255, bits.golomb())):
                bits.golomb()
        bits.golomb()  # reference frames
        if bits.number(1):  # gaps are allowed in this stream
            self._watching = False
        self._bits, self._planes = width, planes


def _skip_scaling(bits: _Bits, lists: int) -> None:
    for index in range(lists):
        if not bits.number(1):
            continue
        last = following = 8
        for _ in range(16 if index < 6 else 64):
            if following:
                following = (last + bits.signed()) % 256
            last = following or last


class _Bits:
    """A reader of bits, most significant first, that leaves out emulation prevention bytes. IndexError at the end."""

    __slots__ = ("_at", "_bits", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data.replace(b"\0\0\3", b"\0\0")
        self._bits = len(self._data) * 8
        self._at = 0

    def number(self, count: int) -> int:
        """The next `count` bits as a number."""
        value = 0
        for _ in range(count):
            value = value << 1 | self._data[self._at >> 3] >> (7 - (self._at & 7)) & 1
            self._at += 1
        return value

    def golomb(self) -> int:
        """An unsigned Exp-Golomb number."""
        zeros = 0
        while not self.number(1):
            zeros += 1
            if zeros > 32:
                raise IndexError
        return (1 << zeros) - 1 + self.number(zeros)

    def signed(self) -> int:
        """A signed one."""
        value = self.golomb()
        return (value + 1) // 2 if value & 1 else -(value // 2)
