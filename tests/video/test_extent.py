"""Files that declare more than they hold, format by format."""

from __future__ import annotations

import io
import struct

import pytest

from beholden.video.extent import is_cut_off


def cut_off(data: bytes) -> bool:
    file = io.BytesIO(data)
    file.seek(3)
    answer = is_cut_off(file, len(data))
    assert file.tell() == 3
    return answer


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def ogg_page(last: bool, body: bytes = b"x" * 40) -> bytes:
    return b"OggS\0" + bytes([4 if last else 0]) + bytes(20) + b"\x01" + bytes([len(body)]) + body


MP4 = box(b"ftyp", b"isom") + box(b"moov", bytes(20)) + box(b"mdat", bytes(200))
LARGE = box(b"ftyp", b"isom") + box(b"moov", bytes(20)) + struct.pack(">I4sQ", 1, b"mdat", 216) + bytes(200)
EBML = b"\x1a\x45\xdf\xa3\x84abcd" + b"\x18\x53\x80\x67" + b"\x01" + (200).to_bytes(7) + bytes(200)
AVI = b"RIFF" + struct.pack("<I", 204) + b"AVI " + bytes(200)
TS = (b"\x47" + bytes(187)) * 4
OGG = ogg_page(False) * 3 + ogg_page(True)
GIF = b"GIF89a" + bytes(100) + b";"
WHOLE = {"mp4": MP4, "large mp4": LARGE, "matroska": EBML, "avi": AVI, "ts": TS, "ogg": OGG, "gif": GIF}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_file_is_whole_and_every_cut_is_seen(name: str) -> None:
    """Not one cut within the last part of the file is taken for the whole."""
    data = WHOLE[name]
    assert not cut_off(data)
    assert all(cut_off(data[:-count]) for count in range(1, 180, 7) if name != "gif" or count < 60)


def test_a_film_without_an_index_is_cut_off() -> None:
    """A camera writes the index last: its absence is a cut, even at a box's end."""
    assert cut_off(box(b"ftyp", b"isom") + box(b"mdat", bytes(200)))
    assert cut_off(box(b"ftyp", b"isom") + struct.pack(">I4s", 0, b"mdat") + bytes(200))


def test_an_unfinished_recording_is_cut_off_but_a_live_one_is_not() -> None:
    """A RIFF of length 0 was never closed; an open Matroska segment never had a length."""
    assert cut_off(b"RIFF" + struct.pack("<I", 0) + b"AVI " + bytes(200))
    assert not cut_off(b"\x1a\x45\xdf\xa3\x84abcd" + b"\x18\x53\x80\x67" + b"\x01" + b"\xff" * 7 + bytes(200))


@pytest.mark.parametrize("data", [b"", b"x", b"text " * 100, bytes(500), b"\x1a\x45\xdf\xa3", b"GIF8;"])
def test_nonsense_is_not_called_cut_off_by_mistake_or_crash(data: bytes) -> None:
    """Any bytes give an answer."""
    assert cut_off(data + b"    ") in {True, False}
