"""Opening the container of a video file, and nothing else.

Bytes come from a file object that we opened, only formats of the list below are read, and no format
may open a second file: a playlist that names other files or addresses is not media here.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, NoReturn

import av
from av.codec.context import ThreadType
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard, Disposition

from beholden.model.errors import NotMedia, SourceLost

_FORMATS = "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,ogg,flv,gif,asf,h264,hevc,m4v,mjpeg,ivf,obu,dv,mxf,nut,apng"


def _refuse_other_files(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    raise PermissionError(f"the file asks for another one: {url}")


def open_container(path: Path, file: BinaryIO, *, cut_off: bool) -> InputContainer:
    """The container in `file`; `path` is for messages. The file is closed when that fails.

    Raises NotMedia, or SourceLost where the file is `cut_off` before what opening needs.
    """
    try:
        return av.open(
            file,
            mode="r",
            io_open=_refuse_other_files,
            container_options={"format_whitelist": _FORMATS},
            metadata_errors="replace",
        )
    except (FFmpegError, OSError, ValueError) as error:
        file.close()
        if cut_off:
            raise SourceLost(
                f"{path}: the file ends before its index, so nothing in it can be shown",
                advice="Copy or export it again; nothing was written.",
            ) from error
        raise NotMedia(f"{path}: not an image or a video that can be decoded") from error


def moving_pictures(path: Path, container: InputContainer) -> av.VideoStream:
    """The first video stream, to be decoded by one thread; all other streams are discarded. Raises NotMedia."""
    chosen: av.VideoStream | None = None
    for stream in container.streams:
        picture = stream.type == "video" and not stream.disposition & Disposition.attached_pic
        if chosen is None and picture and isinstance(stream, av.VideoStream):
            chosen = stream
        else:
            stream.discard = Discard.all  # sound above all: never decoded, never kept
    if chosen is None:
        raise NotMedia(f"{path}: there are no moving pictures in it")
    if chosen.codec_context is None:
        raise NotMedia(f"{path}: its pictures are in a format that this build cannot decode")
    chosen.thread_count = 1
    chosen.thread_type = ThreadType.NONE
    return chosen
