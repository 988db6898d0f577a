"""Whether a media file ends before its own headers say that it ends.

Decoders report a cut file as a plain end, or as damage, depending on where the cut fell. The
containers' outermost headers tell the difference: each says how long its content is. Layouts:
ISO/IEC 14496-12 (MP4), RFC 8794 (EBML: Matroska, WebM), RFC 3533 (Ogg), RIFF (AVI), ISO/IEC
13818-1 (transport streams), GIF89a. A live recording that never declared its length cannot be
told from a whole one, nor can a cut that falls exactly between two fragments.
"""

from __future__ import annotations

from typing import BinaryIO

_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT = b"\x18\x53\x80\x67"
_MAX_BOXES = 200_000


def is_cut_off(file: BinaryIO, size: int) -> bool:
    """True when `file` (seekable, `size` bytes) declares more than it holds. The position is kept."""
    before = file.tell()
    try:
        return _is_cut_off(file, size)
    finally:
        file.seek(before)


def _is_cut_off(file: BinaryIO, size: int) -> bool:
    head = _read(file, 0, 200)
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"}:
        return _mp4(file, size)
    if head[:4] == _EBML:
        return _ebml(file, size)
    if head[:4] == b"RIFF":
        return _riff(file, size)
    if head[:4] == b"OggS":
        return _ogg(file, size)
    if head[:4] == b"GIF8":
        return not _read(file, max(0, size - 64), 64).rstrip(b"\0").endswith(b";")
    for packet, first in ((188, 0), (192, 4), (204, 0)):
        if head[first : first + 1] == b"\x47" and _read(file, first + packet, 1) == b"\x47":
            return size % packet != 0
    return False


def _read(file: BinaryIO, start: int, count: int) -> bytes:
    file.seek(start)
    return file.read(count)


def _mp4(file: BinaryIO, size: int) -> bool:
    at, indexed = 0, False
    for _ in range(_MAX_BOXES):
        if at == size:
            return not indexed
        header = _read(file, at, 16)
        if len(header) < 8:
            return True
        length, kind = int.from_bytes(header[:4]), header[4:8]
        indexed = indexed or kind == b"moov"
        if length == 1:
            length = int.from_bytes(header[8:16])
        elif length == 0:  # to the end of the file, wherever that is
            return not indexed
        if length < 8 or not kind.isascii():
            return False  # nonsense in a header is damage, not a cut
        at += length
        if at > size:
            return True
    return False


def _ebml(file: BinaryIO, size: int) -> bool:
    start, length = _ebml_size(file, 4)
    if length is None:
        return False
    at = start + length
    if _read(file, at, 4) != _SEGMENT:
        return at >= size
    start, length = _ebml_size(file, at + 4)
    return length is not None and start + length > size


def _ebml_size(file: BinaryIO, at: int) -> tuple[int, int | None]:
    """Where the content starts, and its length (None when the writer left it open)."""
    data = _read(file, at, 8)
    if not data or data[0] == 0:
        return at, None
    width = 9 - data[0].bit_length()
    value = int.from_bytes(data[:width]) & ((1 << (7 * width)) - 1)
    return at + width, None if value == (1 << (7 * width)) - 1 else value


def _riff(file: BinaryIO, size: int) -> bool:
    at = 0
    for _ in range(_MAX_BOXES):
        header = _read(file, at, 8)
        if len(header) < 8 or header[:4] != b"RIFF":
            return False
        length = int.from_bytes(header[4:8], "little")
        if length == 0:  # filled in when a recording is closed: this one never was
            return True
        if at + 8 + length > size:
            return True
        at += 8 + length + (length & 1)
    return False


def _ogg(file: BinaryIO, size: int) -> bool:
    tail = _read(file, max(0, size - 131_072), 131_072)
    last = tail.rfind(b"OggS")
    if last < 0 or len(tail) < last + 27:
        return True
    segments = tail[last + 26]
    lacing = tail[last + 27 : last + 27 + segments]
    whole = len(tail) >= last + 27 + segments + sum(lacing)
    return not (whole and tail[last + 5] & 4)  # 4 = last page of its stream
