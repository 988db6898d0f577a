"""Where a command acts on a data folder: here, if this process keeps it, or through the process that does.

Both behave alike. When the keeper dies, whoever is told so first takes over, and everybody's call is
repeated: that is safe, because every use case may be repeated (new ids come from the caller).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, repeat
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar, cast

from beholden.acts.office import Office
from beholden.acts.sightings.sighting import Named
from beholden.consent.segment import SegmentView
from beholden.model.errors import BeholdenError, KeeperSilent
from beholden.model.event import TrackEnded
from beholden.model.grant import Viewpoint
from beholden.model.ids import CameraId, ModelDigest, SightingId
from beholden.supervise.keeper.calls import Calls
from beholden.supervise.keeper.carried import carrying
from beholden.supervise.keeper.client import Client, answers
from beholden.supervise.keeper.election import holder, try_to_keep
from beholden.supervise.keeper.keeper import Keeper, OpenOffice, Serving
from beholden.supervise.keeper.messages import (
    AskStatus,
    AskView,
    Do,
    Done,
    Failed,
    Hello,
    OpenUntil,
    Press,
    Request,
    Seen,
    Settle,
    Settled,
    Status,
    Welcome,
    error_of,
    from_of,
    named_at,
)

DEADLINE_S = 15.0
"""A keeper that gives no sign of life for so long is reported as silent."""
ASK_AGAIN_S = 2.0
_PAUSES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.25)
P = ParamSpec("P")
R = TypeVar("R")
K = TypeVar("K")


class Acting(Protocol):
    """Acts on a data folder. Raises what the acts raise, and KeeperSilent when whoever keeps it does not answer."""

    @property
    def rehearsal(self) -> bool:
        """Whether the folder is for rehearsals; never changes."""
        ...

    def do(self, act: Callable[Concatenate[Office, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What `act(office, ...)` returns. ValueError for an act that is not in the table of `keeper.calls`."""
        ...

    def press(self, camera: CameraId) -> datetime:
        """Somebody pressed the button at a camera: until when it may name. Raises CameraUnknown, PolicyRefused."""
        ...

    def view(self, viewpoint: Viewpoint, moment: datetime, model: ModelDigest) -> Seen:
        """Who may be seen from there in a picture of `moment` (aware), by the keeper's own settings of the place."""
        ...

    def segment(self, model: ModelDigest) -> SegmentView:
        """The gallery segment of a model, mapped."""
        ...

    def settle(
        self, named: Sequence[Named], ended: Sequence[TrackEnded] = ()
    ) -> tuple[SightingId | BeholdenError, ...]:
        """For each name in order its sighting, durable by now, or why it does not take effect.

        `ended` are kept at most once: when the keeper dies meanwhile they may be lost.
        """
        ...

    def status(self) -> Status:
        """How the keeper is doing."""
        ...


class _Acts:
    """What both kinds of acting have in common: every act is one question (`ask`) and its answer."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

        self._rehearsal: bool | None = None

    def ask(self, request: Request, kind: type[K], fd: int | None = None) -> K:
        """The answer to one question, with which a descriptor may go. Raises what the keeper met."""
        raise NotImplementedError

    @property
    def rehearsal(self) -> bool:
        if self._rehearsal is None:
            self._rehearsal = self.ask(Hello(), Welcome).rehearsal
        return self._rehearsal

    def do(self, act: Callable[Concatenate[Office, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        call = self._calls.of(act)
        arguments, numbers = call.encode(args, kwargs)
        with carrying(numbers) as fd:
            done = self.ask(Do(call.name, arguments), Done, fd)
        return cast("R", call.decode(done.result))

    def press(self, camera: CameraId) -> datetime:
        return self.ask(Press(camera), OpenUntil).moment

    def view(self, viewpoint: Viewpoint, moment: datetime, model: ModelDigest) -> Seen:
        return self.ask(AskView(model, from_of(viewpoint), moment), Seen)

    def settle(
        self, named: Sequence[Named], ended: Sequence[TrackEnded] = ()
    ) -> tuple[SightingId | BeholdenError, ...]:
        told = self.ask(Settle(tuple(map(named_at, named)), tuple(ended)), Settled)
        return tuple(error_of(each) if isinstance(each, Failed) else each for each in told.results)

    def status(self) -> Status:
        return self.ask(AskStatus(), Status)


class LocalActing(_Acts):
    """This process keeps the folder."""

    def __init__(self, keeper: Keeper, calls: Calls) -> None:
        super().__init__(calls)
        self._keeper = keeper

    def segment(self, model: ModelDigest) -> SegmentView:
        return SegmentView(self._keeper.segment(model))

    def close(self) -> None:
        self._keeper.stop()

    def ask(self, request: Request, kind: type[K], fd: int | None = None) -> K:
        reply = self._keeper.answer(request, fd)
        if isinstance(reply, Failed):
            raise error_of(reply)
        return cast("K", reply)


class RemoteActing(_Acts):
    """Another process keeps the folder; when it dies, this one does, if no other is quicker. Safe for several threads,
    one question at a time."""

    def __init__(
        self,
        folder: Path,
        open_office: OpenOffice,
        serving: Serving,
        deadline_s: float = DEADLINE_S,
        *,
        take_over: bool = True,
    ) -> None:
        super().__init__(serving.calls)
        self._take_over = take_over
        self._folder, self._open_office, self._serving = folder, open_office, serving
        self._deadline_s = deadline_s
        self._lock = threading.RLock()
        self._client: Client | None = None
        self._local: LocalActing | None = None

    def segment(self, model: ModelDigest) -> SegmentView:
        return self._repeated(
            lambda local: local.segment(model), lambda client: client.segment(model, self._deadline_s)
        )

    def close(self) -> None:
        with self._lock:
            self._drop()
            if self._local is not None:
                self._local.close()

    def ask(self, request: Request, kind: type[K], fd: int | None = None) -> K:
        return self._repeated(
            lambda local: local.ask(request, kind, fd),
            lambda client: client.ask(request, kind, ASK_AGAIN_S, self._alive, fd),
        )

    def _repeated(self, here: Callable[[LocalActing], K], there: Callable[[Client], K]) -> K:
        """Ask until somebody answers: the keeper, the next one, or this process itself."""
        heard, pauses = time.monotonic(), chain(_PAUSES, repeat(_PAUSES[-1]))
        while self._local is None:
            with self._lock:
                try:
                    client = self._joined()
                    if client is not None:
                        heard = time.monotonic()
                        return there(client)
                except KeeperSilent as error:
                    self._drop()
                    if time.monotonic() - heard > self._deadline_s:
                        raise self._silent() from error
                except BaseException:
                    self._drop()  # its answer may still come
                    raise
            time.sleep(next(pauses))
        return here(self._local)

    def _joined(self) -> Client | None:
        """A connection to the keeper; None when this process has just become it (`_local`). Raises KeeperSilent."""
        if self._client is None:
            held = try_to_keep(self._folder) if self._take_over else None
            if held is not None:
                self._local = LocalActing(Keeper(self._folder, held, self._open_office, self._serving), self._calls)
                return None
            self._client = Client.connected(self._folder, ASK_AGAIN_S, self._serving.credentials)
        return self._client

    def _alive(self) -> bool:
        """Whether the keeper, which takes long over one question, gives any sign of life until the deadline."""
        ends = time.monotonic() + self._deadline_s
        while time.monotonic() < ends:
            if answers(self._folder):
                return True
        return False

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _silent(self) -> KeeperSilent:
        pid = holder(self._folder)
        who = "a process" if pid is None else f"process {pid}"
        return KeeperSilent(
            f"{who} keeps the data folder {self._folder}, and has not answered for {self._deadline_s:.0f} s",
            advice="It may be stopped or starting. If it hangs, end it: then another takes over. What was asked for "
            "may have been done; the command can be given again.",
        )


@contextmanager
def acting(
    folder: Path,
    open_office: OpenOffice,
    serving: Serving | None = None,
    deadline_s: float = DEADLINE_S,
    *,
    take_over: bool = True,
) -> Generator[Acting]:
    """Act on a data folder: as its keeper if nobody else is (`open_office` opens it), else through whoever is.

    Without `take_over` never as its keeper: for whoever has started one as a process of its own.

    Raises what `open_office` raises, FolderMissing, FolderForbidden, and KeeperSilent when the
    process that keeps the folder gives no sign of life for `deadline_s`.
    """
    remote = RemoteActing(folder, open_office, serving or Serving(), deadline_s, take_over=take_over)
    try:
        _ = remote.rehearsal  # somebody keeps the folder from here on, or it is said why nobody can
        yield remote
    finally:
        remote.close()
