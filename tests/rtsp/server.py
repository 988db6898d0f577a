"""A real RTSP server (aio-rtsp-toolkit) on loopback that serves the clips of a folder."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aio_rtsp_toolkit.server
import aio_rtsp_toolkit.types
import aio_sockets
import aio_sockets.aio_sockets
from aio_rtsp_toolkit.server import RtspServer


class _Silence:
    """The logger of the library, which prints otherwise."""

    def __getattr__(self, name: str) -> Any:
        return lambda *parts, **named: None


class TownRtsp:
    """Serves every .mp4 of `folder` (H.264 or H.265) over RTSP, interleaved TCP, in a thread of its own.

    Clips may be added to the folder while it runs. Each client gets the clip from its beginning, in
    real time. The server stops a client that sends no request for 60 s. With `tls` it is RTSPS.
    """

    def __init__(self, folder: Path, *, tls: ssl.SSLContext | None = None) -> None:
        self.folder, self.tls = folder, tls
        self.port = 0
        self._started = threading.Event()
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="town-rtsp", daemon=True)

    def url(self, name: str, *, times: int = 0) -> str:
        """Where `name` (file in the folder) is played; `times` = 0 plays it over and over."""
        return f"rtsp{'s' if self.tls else ''}://127.0.0.1:{self.port}/{name}?play_count={times}"

    @property
    def urls(self) -> list[str]:
        """One for each clip of the folder, by name, for ever."""
        return [self.url(path.name) for path in sorted(self.folder.glob("*.mp4"))]

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to whoever starts the server
            self._problem = error
        finally:
            self._started.set()

    async def _serve(self) -> None:
        silence = _Silence()
        aio_rtsp_toolkit.server.logger = aio_rtsp_toolkit.types.logger = aio_sockets.aio_sockets.logger = silence
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(64))  # each client takes a thread, and the default is six
        # The library lets connection resets of its clients escape into the loop: they are what the tests do.
        self._loop.set_exception_handler(lambda loop, context: None)
        self._stop = asyncio.Event()
        server = RtspServer(str(self.folder), host="127.0.0.1", port=0, session_name="town")
        server._server = await aio_sockets.start_tcp_server(server._handle_client, server.host, 0, ssl=self.tls)
        self.port = server.port = server._server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server._server.close()
        clients = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in clients:
            task.cancel()
        await asyncio.gather(*clients, return_exceptions=True)

    def start(self) -> Self:
        self._thread.start()
        self._started.wait(10)
        if self._problem is not None or not self.port:
            raise RuntimeError("the RTSP server did not start") from self._problem
        return self

    def close(self) -> None:
        if self._thread.is_alive():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
