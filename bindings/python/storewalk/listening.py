"""Being told what has changed, in the loop of whoever asks."""

from __future__ import annotations

import asyncio
import contextlib
import typing

from ._generated import storewalk_ffi as ffi


class _Listener(ffi.ChangeListener):
    def __init__(self, take: typing.Callable[[ffi.Change], None]) -> None:
        self._take = take

    def changed(self, change: ffi.Change) -> None:
        self._take(change)


class Listening:
    """Changes as they come: `async for change in core.changes(): ...`. The first comes at once.

    Changes that nobody has taken yet are merged into one. `stop` ends it, and so does leaving the loop through
    `async with`.
    """

    def __init__(self, core: ffi.StorewalkProtocol) -> None:
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._waiting: ffi.Change | None = None
        self._subscription = core.listen(_Listener(self._heard))

    def stop(self) -> None:
        """Ends it; whoever waits is told. May be called on any thread."""
        self._subscription.cancel()
        self._tell(self._news.set)

    async def __aenter__(self) -> Listening:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()

    def __aiter__(self) -> Listening:
        return self

    async def __anext__(self) -> ffi.Change:
        await self._news.wait()
        change, self._waiting = self._waiting, None
        if change is None:
            raise StopAsyncIteration
        if not self._subscription.is_cancelled():
            self._news.clear()
        return change

    def _heard(self, change: ffi.Change) -> None:
        # On a thread of the core's.
        self._tell(self._keep, change)

    def _tell(self, what: typing.Callable[..., None], *args: ffi.Change) -> None:
        # A loop that is over hears nothing more.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(what, *args)

    def _keep(self, change: ffi.Change) -> None:
        before = self._waiting
        if before is not None:
            topics = [*before.topics, *(topic for topic in change.topics if topic not in before.topics)]
            change = ffi.Change(
                topics=topics, is_first=before.is_first, life=change.life, status=change.status
            )
        self._waiting = change
        self._news.set()
