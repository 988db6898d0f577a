"""The town's clips as live cameras: a real RTSP server on loopback, in a process of its own.

aio-rtsp-toolkit sends every RTP packet from Python, after a pause of its own, as a camera spreads a
picture over its frame time. In a process of its own that neither waits for the watcher's GIL nor
takes it; `CPU_PER_STREAM` says what it costs. H.264 in mp4 is its fast way (NAL units by their
length; it would look for start codes byte by byte), and one slice a picture leaves least to split.

The child is told what to do on its standard input, and ends with it: none outlives its parent.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from beholden.demo.installed import EXTRA_ADVICE
from beholden.model.errors import CameraUnknown, MissingInput, SourceLost

HOST = "127.0.0.1"
CPU_PER_STREAM = 0.021
"""Share of one core for a stream of 1280x720 at 25 fps and 4 Mbit/s among eight (.03 to .05 for the first one); .016 at
2 Mbit/s, .012 at 1; 640x360 costs as much: bits count, not pixels. 60 to 75 MB for the process. Intel Xeon, 2026-11."""
MOST_STREAMS = 64
PR_SET_PDEATHSIG = 1


def require_server() -> None:
    """Raises MissingInput, with how to install it, when the RTSP server is not there."""
    if find_spec("aio_rtsp_toolkit") is None:
        raise MissingInput("the package aio-rtsp-toolkit is not installed", advice=EXTRA_ADVICE)


class Broadcast:
    """Every `<name>.mp4` of a folder as an endless camera. A context manager: on air inside the block.

    The clips must be H.264 in mp4; a clip that ends starts again, its times going on. `port` 0 takes
    a free one, and keeps it over `off` and `on`, as a camera that reboots keeps its address.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder = folder
        self._port = port
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> Broadcast:
        self.on()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.off()

    @property
    def pid(self) -> int | None:
        """The server's process, while it is on air."""
        return None if self._child is None else self._child.pid

    @property
    def port(self) -> int:
        """Where it listens; 0 before it was first on air, when it takes a free one."""
        return self._port

    def address(self, name: str) -> str:
        """Where the clip `<name>.mp4` is live. Raises CameraUnknown when there is no such clip."""
        if not (self._folder / f"{name}.mp4").is_file():
            raise CameraUnknown(f"the broadcast has no clip {name}", advice=f"Its clips are the mp4 in {self._folder}.")
        return f"rtsp://{HOST}:{self._port}/{name}.mp4?play_count=0"

    def on(self) -> None:
        """Start; back when the server takes connections. Raises MissingInput without the demo's extra, SourceLost.

        To be called from a thread that lives as long as the broadcast: the kernel ends the child with it.
        """
        require_server()
        command = [sys.executable, "-m", "beholden.demo.broadcast", str(self._folder), str(self._port)]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
        assert child.stdout is not None
        answer = child.stdout.readline()
        if not answer:
            _end(child)
            raise SourceLost(
                "the town's RTSP server did not start", advice=f"Run it by itself: {' '.join(command[1:])}"
            )
        self._port = int(json.loads(answer)["port"])
        self._child = child

    def off(self) -> None:
        """Stop, cutting every connection, as a camera without power does. Idle when it is off already."""
        child, self._child = self._child, None
        if child is not None:
            _end(child)

    def cut(self, name: str) -> None:
        """Cut the connections to one clip; it may be connected to again at once. Idle while off the air."""
        child = self._child
        if child is not None and child.stdin is not None:
            child.stdin.write(f"{name}\n")
            child.stdin.flush()


def _end(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()


def main(arguments: list[str]) -> None:
    """Serve a folder until standard input ends; the port is told on standard output as one line of JSON."""
    folder, port = arguments
    _die_with_parent()
    logging.disable()
    asyncio.run(_serve(Path(folder), int(port)))


def _die_with_parent() -> None:
    """Where the end of standard input would go unnoticed (a stuck loop), the kernel ends this process."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


async def _serve(folder: Path, port: int) -> None:
    from aio_rtsp_toolkit import server as toolkit
    from aio_rtsp_toolkit.server_session import RtspServerSession

    sessions: set[RtspServerSession] = set()

    class Server(toolkit.RtspServer):
        """Remembers who is connected, so that one clip's connections can be cut."""

        async def _handle_client(self, sock: Any) -> None:  # noqa: ANN401  (the toolkit has no types)
            session = RtspServerSession(self, sock)
            sessions.add(session)
            try:
                await session.run()
            finally:
                sessions.discard(session)

    loop = asyncio.get_running_loop()
    # The toolkit keeps a thread per stream in the loop's own pool, which has six on a machine of two cores.
    loop.set_default_executor(ThreadPoolExecutor(MOST_STREAMS))
    server: Any = Server(str(folder), host=HOST, port=port)  # the toolkit declares less than it has
    server.logger = logging.getLogger("broadcast")
    await server.start()

    def cut(name: str) -> None:
        for session in sessions:
            source = session.media_source
            if source is not None and source.file_path.stem == name:
                session.sock.writer.transport.abort()

    def listen(lines: IO[str]) -> None:
        for line in lines:
            loop.call_soon_threadsafe(cut, line.strip())
        os._exit(0)

    threading.Thread(target=listen, args=(sys.stdin,), daemon=True).start()
    print(json.dumps({"port": server._server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
