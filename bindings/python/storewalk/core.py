"""The core: opened, paused and resumed, shut down."""

from __future__ import annotations

import asyncio
import atexit
import os
import typing
import weakref
from typing import cast

from . import host
from ._generated import storewalk_ffi as ffi
from ._guard import Guarded
from .errors import CORE_ERRORS, Closed, translated, unreadable
from .listening import Listening

T = typing.TypeVar("T")

#: Cores that nobody has shut down. A thread of theirs that calls into an interpreter on its way out would abort it.
_alive: weakref.WeakSet[ffi.Storewalk] = weakref.WeakSet()

#: How long the interpreter waits at its exit for cores that were only let go.
_PATIENCE_MS = 10_000


@atexit.register
def _end_all() -> None:
    for inner in list(_alive):
        inner.shutdown()
    ffi.wait_until_ended(_PATIENCE_MS)


class Tasks(ffi.TasksProtocol, typing.Protocol):
    """Tasks. What the core calls `raise` has a name here that Python allows."""

    async def raise_(
        self, outlet_id: str, note: str, due_on: str, visit_id: str | None = None
    ) -> ffi.IdAttempt:
        """Raises a task at an outlet, due on a date, `YYYY-MM-DD`."""
        raise NotImplementedError


class Core:
    """A phone's core. Its parts may be kept for as long as it is open; afterwards they raise `Closed`."""

    def __init__(self, inner: ffi.Storewalk) -> None:
        self._inner = inner
        _alive.add(inner)
        self._guarded = Guarded(inner)
        self._listenings: weakref.WeakSet[Listening] = weakref.WeakSet()
        self.session = cast(ffi.SessionProtocol, Guarded(inner.session()))
        self.plan = cast(ffi.PlanProtocol, Guarded(inner.plan()))
        self.visits = cast(ffi.VisitsProtocol, Guarded(inner.visits()))
        self.checklists = cast(ffi.ChecklistsProtocol, Guarded(inner.checklists()))
        self.photos = cast(ffi.PhotosProtocol, Guarded(inner.photos()))
        self.orders = cast(ffi.OrdersProtocol, Guarded(inner.orders()))
        self.tasks = cast(Tasks, Guarded(inner.tasks()))
        self.notices = cast(ffi.NoticesProtocol, Guarded(inner.notices()))
        self.review = cast(ffi.ReviewProtocol, Guarded(inner.review()))
        self.outlets = cast(ffi.OutletsProtocol, Guarded(inner.outlets()))
        self.parcels = cast(ffi.ParcelsProtocol, Guarded(inner.parcels()))
        self.sync = cast(ffi.SyncProtocol, Guarded(inner.sync()))

    @property
    def recovery(self) -> ffi.Recovery | None:
        """What was brought back from a damaged database when the core was opened."""
        return self._inner.recovery()

    @property
    def life(self) -> ffi.Life:
        """What the core is doing."""
        return self._inner.life()

    @property
    def left_behind(self) -> ffi.LeftBehind | None:
        """What could not be read any more and was set aside when the core was opened anew."""
        return self._inner.left_behind()

    async def rotate_key(self) -> None:
        """Has the key store make another key and puts it in the place of the one in use."""
        await self._guarded.rotate_key()

    def changes(self) -> Listening:
        """What changes, from now on; the first comes at once and names everything."""
        listening = Listening(cast(ffi.StorewalkProtocol, self._guarded))
        self._listenings.add(listening)
        return listening

    async def observe(
        self, read: typing.Callable[[], typing.Awaitable[T]], *topics: ffi.Topic
    ) -> typing.AsyncGenerator[T, None]:
        """What `read` gives: at once, after each change of the topics, and after a pause; not while paused."""
        async with self.changes() as changes:
            async for change in changes:
                if change.life == ffi.Life.OPEN and not {*topics, ffi.Topic.LIFE}.isdisjoint(change.topics):
                    try:
                        value = await read()
                    except Closed:
                        # Paused or ended meanwhile; the next change tells.
                        continue
                    yield value

    def listen(self, listener: ffi.ChangeListener) -> ffi.SubscriptionProtocol:
        """Tells a listener what changes, on threads of the core's, until the handle is cancelled or gone."""
        return cast(ffi.SubscriptionProtocol, self._guarded.listen(listener))

    async def pause(self) -> None:
        """Lets the database go. Waits for the work in hand."""
        await self._guarded.pause()

    async def resume(self) -> None:
        """Takes the database again."""
        await self._guarded.resume()

    async def shutdown(self) -> None:
        """Ends the core; afterwards no thread of it runs and the folder may be opened again.

        From inside a listener or a service of the host it only begins the end.
        """
        if self._inner.is_inside():
            self.end()
        else:
            await asyncio.to_thread(self.end)

    def end(self) -> None:
        """`shutdown` for callers that cannot await; blocks."""
        for listening in list(self._listenings):
            listening.stop()
        self._inner.shutdown()
        _alive.discard(self._inner)

    async def __aenter__(self) -> Core:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shutdown()


class Opening:
    """An opening under way: `core = await open(...)`, or `async with open(...) as core`."""

    def __init__(self, setup: ffi.Setup, platform: ffi.Platform) -> None:
        self._setup, self._platform = setup, platform
        self._door = ffi.Storewalk.open
        self._core: Core | None = None

    def __await__(self) -> typing.Generator[typing.Any, None, Core]:
        return self._open().__await__()

    async def __aenter__(self) -> Core:
        self._core = await self._open()
        return self._core

    async def __aexit__(self, *_: object) -> None:
        if self._core is not None:
            await self._core.shutdown()

    def anew(self) -> Opening:
        """Opens anew after `key_wrong`, `key_gone` or `key_lost`: sets aside what nobody can read any more, asks for a
        fresh key, and says in `left_behind` what was unsent. Refused as `key_fits` when the data can be read."""
        self._door = ffi.Storewalk.open_anew
        return self

    async def _open(self) -> Core:
        try:
            return Core(await self._door(self._setup, self._platform))
        except CORE_ERRORS as error:
            raise translated(error) from None
        except ValueError:
            raise unreadable() from None


def open(
    folder: str | os.PathLike[str],
    server_url: str,
    *,
    device_name: str = "",
    app_version: str = "0",
    zone: str = "Asia/Shanghai",
    copy_long_edge: int = 1_600,
    originals_wait_days: int = 1,
    key_store: host.KeyStore | None = None,
    connectivity: host.Connectivity | None = None,
    free_space: host.FreeSpace | None = None,
    position: host.PositionSource | None = None,
    transport: host.Transport | None = None,
) -> Opening:
    """Opens the core in a folder of its own, making the database when there is none and repairing a damaged one. With a
    key store the data is encrypted; `open(...).anew()` begins anew when its key is lost.

    `copy_long_edge` is the longer side, in pixels, of the stamped copy of each photo, zero for none; `originals_wait_days`
    how long originals wait, on networks paid for by volume, for one that is not."""
    setup = ffi.Setup(
        folder=os.fspath(folder),
        server_url=server_url,
        platform="python",
        device_name=device_name,
        app_version=app_version,
        zone=zone,
        copy_long_edge=copy_long_edge,
        originals_wait_days=originals_wait_days,
    )
    platform = ffi.Platform(
        key_store=key_store,
        connectivity=connectivity,
        free_space=free_space,
        position=position,
        transport=transport,
    )
    return Opening(setup, platform)
