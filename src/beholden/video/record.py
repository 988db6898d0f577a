"""Covered pictures as a video file that browsers play."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import av
from av.error import FFmpegError

from beholden.model.errors import BeholdenError, OutputRefused
from beholden.model.frame import CoveredFrame
from beholden.video.encode import TICKS, Encoder, require_encoder, whole_rate
from beholden.video.output import PendingFile, output_error

_CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
_CRF = {"libx264": 23, "libvpx-vp9": 33, "libsvtav1": 35}
_PRESETS = {"libx264": "veryfast", "libsvtav1": "10"}


class Recorder:
    """Writes `CoveredFrame`s to `path`; the suffix chooses the container (mp4, mov, mkv, webm).

    H.264 by default: yuv420p, BT.709, index in front. A picture is shown from its `offset_s` to that
    of the next, so that uneven rates stay. The first picture sets the size; later ones of another
    size are fitted into it. Use it as a context manager: the file appears under its name when the
    block ends, and not at all if it raises.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        codec: str = "libx264",
        crf: int | None = None,
        preset: str | None = None,
        rate: float = 25.0,
        stamp: str | None = None,
    ) -> None:
        """`rate` is the usual frames per second; it guides the encoder and times the last picture.

        `stamp` is a word drawn into the lower left corner of every picture (plain ASCII).

        Raises OutputRefused (folder, permission, suffix or codec) or StorageFull.
        """
        self._path = Path(path)
        container = _CONTAINERS.get(self._path.suffix.lower())
        if container is None:
            raise OutputRefused(f"{self._path}: not a video name", advice=f"End it in one of {', '.join(_CONTAINERS)}.")
        require_encoder(codec)
        if container == "webm" and codec == "libx264":
            raise OutputRefused(f"{self._path}: WebM holds no H.264", advice="Use .mp4, or the codec libvpx-vp9.")
        self._codec, self._crf, self._preset, self._stamp = codec, crf, preset, stamp
        self._rate = whole_rate(rate)
        self._encoder: Encoder | None = None
        self._start_s = 0.0
        self._last = -1
        self.written = 0
        self._ended: BeholdenError | None = None
        """Set once nothing more can be written: FFmpeg crashes on a container that is closed."""
        self._file = PendingFile(self._path)
        try:
            flags = {"movflags": "+faststart"} if container in {"mp4", "mov"} else {}
            self._container = av.open(
                self._file, mode="w", format=container, container_options=flags, io_open=self._again
            )
        except (FFmpegError, OSError, ValueError) as error:
            self._file.discard()
            raise OutputRefused(f"{self._path}: cannot be written ({error})") from error

    def _again(self, url: str, flags: int, options: dict[str, str]) -> BinaryIO:
        """The muxer reads its own file once more when it moves the index to the front."""
        return self._file.temporary.open("rb")

    def write(self, picture: CoveredFrame) -> None:
        """Add one picture. Raises TypeError for anything but a CoveredFrame, StorageFull, OutputRefused."""
        if not isinstance(picture, CoveredFrame):
            raise TypeError("only a CoveredFrame may leave")
        if self._ended is not None:
            raise self._ended
        try:
            encoder = self._encoder or self._begin(picture)
            self._last = max(self._last + 1, round((picture.offset_s - self._start_s) * TICKS))
            encoder.write(picture, self._last)
            self.written += 1
        except (FFmpegError, OSError, ValueError) as error:
            raise self._refused(error) from error
        if self._file.error is not None:
            raise self._refused(self._file.error) from self._file.error

    def _begin(self, picture: CoveredFrame) -> Encoder:
        self._start_s = picture.offset_s
        self._encoder = Encoder(
            self._container, picture.size, self._codec, self._options(), self._rate, stamp=self._stamp
        )
        return self._encoder

    def _options(self) -> dict[str, str]:
        options = {"crf": str(_CRF[self._codec] if self._crf is None else self._crf)}
        if self._codec == "libvpx-vp9":
            return options | {"b:v": "0", "deadline": "realtime", "cpu-used": self._preset or "8"}
        return options | {"preset": self._preset or _PRESETS[self._codec]}

    def close(self) -> None:
        """Finish the file and give it its name. Raises StorageFull or OutputRefused, leaving nothing."""
        if self._ended is not None:
            raise self._ended
        try:
            if self._encoder is None:
                raise OutputRefused(f"{self._path}: there was no picture to record", advice="Nothing was written.")
            self._encoder.end()
            self._container.close()
        except (FFmpegError, OSError, ValueError) as error:
            raise self._refused(error) from error
        except BeholdenError:
            self.discard()
            raise
        self._ended = OutputRefused(f"{self._path}: the recording has ended", advice="Start another.")
        self._file.commit()

    def discard(self) -> None:
        """Stop, and leave nothing. Safe to call twice."""
        self._ended = self._ended or OutputRefused(f"{self._path}: the recording has ended", advice="Start another.")
        try:
            self._container.close()
        except (FFmpegError, OSError, ValueError):
            pass  # the file goes anyway
        finally:
            self._file.discard()

    def _refused(self, error: Exception) -> BeholdenError:
        """Why the recording ends here. It is said again to whoever goes on writing."""
        cause = self._file.error or (error if isinstance(error, OSError) else None)
        if cause is not None:
            self._ended = output_error(self._path, cause)
        else:
            self._ended = OutputRefused(f"{self._path}: cannot be encoded ({error})")
        self.discard()
        return self._ended

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.discard()
