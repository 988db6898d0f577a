"""Between FFmpeg and a camera: what one says, as the other may hear it. Pure.

FFmpeg knows the camera as `rtsp://127.0.0.1:PORT/WORD`; the camera is asked by its own address, with
the login. Every address that the camera names is read as a path of its own, whatever host it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from beholden.model.errors import CameraRefused, InputError, SourceLost
from beholden.video.camera.address import CameraAddress
from beholden.video.camera.authenticate import Authenticator
from beholden.video.camera.rtsp_text import Garbled, Message
from beholden.video.camera.sdp import NoPicture, first_picture

_METHODS: Final = frozenset({"OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER", "TEARDOWN"})
_VITAL: Final = frozenset({"DESCRIBE", "SETUP", "PLAY"})
_ASKED: Final = ("Accept", "Transport", "Session", "Range")  # headers of FFmpeg's that go to the camera
_ANSWERED: Final = ("Public", "Range")  # and of the camera's that go to FFmpeg as they are
_MOST_PENDING: Final = 16
_DEFAULT_PORTS: Final = {"rtsp": 554, "rtsps": 322}

_INTERLEAVED = re.compile(r"RTP/AVPF?(?:/TCP)?(?:;[^,]*)?;interleaved=(\d{1,3}-\d{1,3})(?:;[^,]*)?", re.IGNORECASE)
_SESSION = re.compile(r"([A-Za-z0-9$_.+=/-]{1,256})\s*(?:;\s*timeout\s*=\s*(\d{1,6}))?.*")
_URL_IN_INFO = re.compile(r"(url=)([^;,]*)", re.IGNORECASE)


@dataclass(slots=True)
class _Sent:
    """A request that the camera owes an answer to. `carried`: an answer to its challenge went with it."""

    theirs: str
    method: str
    uri: str
    headers: tuple[tuple[str, str], ...]
    carried: bool = False
    times: int = 1


class Interpreter:
    """One conversation. `base` is FFmpeg's name for the camera, without a slash at its end.

    Methods return bytes for one side or the other, and raise what ends the conversation:
    CameraRefused, SourceLost, Garbled.
    """

    def __init__(self, address: CameraAddress, base: str) -> None:
        self._address, self._base = address, base
        host = f"[{address.host}]" if ":" in address.host else address.host
        default = address.port == _DEFAULT_PORTS.get(address.kind)
        self._root = f"{address.kind}://{host}" if default else f"{address.kind}://{address.authority}"
        self._login = Authenticator(address.login)
        self._count = 0
        self._pending: dict[str, _Sent] = {}
        self.playing = False

    @property
    def waiting(self) -> bool:
        """Whether the camera owes anything: an answer, or its picture."""
        return self.playing or bool(self._pending)

    # -- from FFmpeg to the camera -----------------------------------------------------------------------------------

    def asked(self, message: Message) -> tuple[bytes, bytes]:
        """FFmpeg's request, as (bytes for the camera, bytes for FFmpeg): it is passed on, or answered here."""
        method, uri = message.request or ("", "")
        theirs = message.get("cseq") or ""
        if method not in _METHODS or not re.fullmatch(r"[0-9]{1,9}", theirs) or message.body:
            raise Garbled("a request that FFmpeg never makes")
        transport = message.get("transport")
        if method == "SETUP" and not (transport and _INTERLEAVED.fullmatch(transport)):
            return b"", Message("RTSP/1.0 461 Unsupported Transport", (("CSeq", theirs),)).encoded()
        if len(self._pending) >= _MOST_PENDING:
            raise SourceLost(f"{self._address}: the camera answers no requests any more", advice=_COMES_BACK)
        kept = tuple((name, value) for name in _ASKED if (value := message.get(name)) is not None)
        return self._send(_Sent(theirs, method, self._outward(uri), kept)), b""

    def _outward(self, uri: str) -> str:
        if uri == self._base:
            return self._root + self._address.path
        if not uri.startswith(self._base + "/"):
            raise Garbled("a request for something else than the camera")
        return self._root + uri[len(self._base) :]

    def _send(self, sent: _Sent) -> bytes:
        self._count += 1
        cseq = str(self._count)
        self._pending[cseq] = sent
        headers = [("CSeq", cseq), ("User-Agent", "Beholden"), *sent.headers]
        answer = self._login.header(sent.method, sent.uri)
        if answer is not None:
            headers.append(("Authorization", answer))
        sent.carried = answer is not None
        return Message(f"{sent.method} {sent.uri} RTSP/1.0", tuple(headers)).encoded()

    # -- from the camera to FFmpeg -----------------------------------------------------------------------------------

    def said(self, message: Message) -> tuple[bytes, bytes]:
        """The camera's message, as (bytes for FFmpeg, bytes for the camera)."""
        status = message.status
        if status is None:
            return b"", self._answer_request(message)
        cseq = message.get("cseq") or ""
        if cseq not in self._pending or status < 200:
            return b"", b""
        sent = self._pending.pop(cseq)
        if status == 401:
            return b"", self._again(sent, message)
        if sent.carried:
            self._login.accepted()
        if 300 <= status < 400:
            raise redirected(self._address)
        if sent.method in _VITAL and not 200 <= status < 300:
            raise refusal(self._address, status, sent.method)
        if not 200 <= status < 300:  # OPTIONS and signs of life: FFmpeg gives up without them, cameras live without
            return Message("RTSP/1.0 200 OK", (("CSeq", sent.theirs),)).encoded(), b""
        return self._answer(sent, message).encoded(), b""

    def _answer_request(self, message: Message) -> bytes:
        method, _ = message.request or ("", "")
        if method == "REDIRECT":
            raise redirected(self._address)
        cseq = message.get("cseq") or "0"
        if not re.fullmatch(r"[0-9]{1,9}", cseq):
            raise Garbled("a request without a number")
        return Message("RTSP/1.0 501 Not Implemented", (("CSeq", cseq),)).encoded()

    def _again(self, sent: _Sent, message: Message) -> bytes:
        if sent.times < 3 and (
            self._login.challenged(message.all("www-authenticate")) or (self._login.ready and not sent.carried)
        ):
            sent.times += 1
            return self._send(sent)
        raise refusal(self._address, 401, sent.method)

    def _answer(self, sent: _Sent, message: Message) -> Message:
        headers = [("CSeq", sent.theirs)]
        headers += [(name, value) for name in _ANSWERED if (value := message.get(name)) is not None]
        session = _SESSION.fullmatch(message.get("session") or "")
        if session is not None:
            name, seconds = session.groups()
            headers.append(("Session", name if seconds is None else f"{name};timeout={seconds}"))
        if sent.method == "DESCRIBE":
            return self._described(message, headers)
        if sent.method == "SETUP":
            headers.append(("Transport", self._transport(message.get("transport") or "")))
        if sent.method == "PLAY":
            self.playing = True
            info = message.get("rtp-info")
            if info is not None:
                headers.append(("RTP-Info", _URL_IN_INFO.sub(lambda m: m.group(1) + self._inward(m.group(2)), info)))
        return Message("RTSP/1.0 200 OK", tuple(headers))

    def _described(self, message: Message, headers: list[tuple[str, str]]) -> Message:
        try:
            body = first_picture(message.body, self._inward)
        except NoPicture as error:
            raise CameraRefused(
                f"{self._address}: the camera sends no picture that is read here, but {error}",
                advice="Set the stream to H.264 or H.265 in the camera's own pages, or name its other stream.",
            ) from None
        said = message.get("content-base") or message.get("content-location") or ""
        root = self._inward(said)
        if not root.startswith(self._base):
            root = self._base + self._address.path
        headers += [("Content-Base", root), ("Content-Type", "application/sdp")]
        return Message("RTSP/1.0 200 OK", tuple(headers), body)

    def _inward(self, url: str) -> str:
        """An address that the camera names, as FFmpeg's name for the same path of this camera; relative ones stay."""
        try:
            parts = urlsplit(url.strip())
        except ValueError:
            raise Garbled("an address that is none") from None
        if not parts.scheme and not parts.netloc and not parts.path.startswith("/"):
            return url
        query = f"?{parts.query}" if parts.query else ""
        path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
        return f"{self._base}{path}{query}"

    def _transport(self, text: str) -> str:
        found = _INTERLEAVED.fullmatch(text.replace(" ", ""))
        if found is None:
            raise CameraRefused(
                f"{self._address}: the camera does not send over TCP",
                advice="Allow RTSP over TCP (interleaved) in the camera's own pages.",
            )
        return f"RTP/AVP/TCP;unicast;interleaved={found.group(1)}"


_COMES_BACK: Final = "It is tried again by itself. If it stays so, restart the camera."


def redirected(address: CameraAddress) -> CameraRefused:
    return CameraRefused(
        f"{address}: the camera sends on to another address, which is not followed",
        advice="Add the camera by the address where its stream is.",
    )


def refusal(address: CameraAddress, status: int, method: str = "") -> InputError:
    """What a status of RTSP or HTTP means for whoever added the camera; 4xx are for good, most of 5xx pass."""
    if status == 401:
        if address.login is None:
            return CameraRefused(f"{address}: the camera wants a user and a password")
        return CameraRefused(f"{address}: the camera does not take this user and password (wrong password?)")
    if status in {403, 407}:
        return CameraRefused(f"{address}: the camera forbids it to this user ({status})")
    if status in {404, 410, 454} and method != "PLAY":
        return CameraRefused(f"{address}: the camera has no such stream ({status})")
    if status == 461:
        return CameraRefused(
            f"{address}: the camera does not send over TCP (461)",
            advice="Allow RTSP over TCP (interleaved) in the camera's own pages.",
        )
    if status in {429, 453} or status >= 500:
        return SourceLost(f"{address}: the camera is too busy or not ready ({status})", advice=_COMES_BACK)
    return CameraRefused(f"{address}: the camera refuses to show its stream ({status})")
