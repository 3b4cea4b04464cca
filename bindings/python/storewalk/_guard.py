"""A part of the core as Python expects it: own exceptions, and a cancelled task that stops the work it waits for."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import typing

from ._generated import storewalk_ffi as ffi
from .errors import CORE_ERRORS, translated, unreadable


class CancelToken(ffi.CancelToken):
    """Stops the calls it is given, from any thread: `core.sync.now(cancel=token)`."""

    def __init__(self) -> None:
        # What is generated has no types here.
        making: typing.Any = super().__init__
        making()


class Guarded:
    """Hands every call on to a generated object."""

    def __init__(self, inner: object) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> typing.Any:
        # Python's own words: what the core calls `raise` is `raise_` here and `_raise` in the generated module.
        inner = f"_{name[:-1]}" if name.endswith("_") and not name.startswith("_") else name
        member = getattr(self._inner, inner)
        if name.startswith("_") or not callable(member):
            return member
        return _awaited(member) if inspect.iscoroutinefunction(member) else _called(member)

    def __dir__(self) -> list[str]:
        return [name for name in dir(self._inner) if not name.startswith("_")]

    def __repr__(self) -> str:
        return f"<storewalk {type(self._inner).__name__.lower()}>"


def _resumed(waiting: int, poll: int) -> None:
    # What is generated has no types.
    generated: typing.Any = ffi
    loop, future = generated._UniffiContinuationHandleMap.remove(waiting)
    # A loop that is over has nobody left who waits. The generated callback would print that it is over.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(generated._uniffi_set_future_result, future, poll)


ffi._uniffi_continuation_callback = ffi._UNIFFI_RUST_FUTURE_CONTINUATION_CALLBACK(_resumed)


def _called(method: typing.Callable[..., typing.Any]) -> typing.Callable[..., typing.Any]:
    def call(*args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        try:
            return method(*args, **kwargs)
        except CORE_ERRORS as error:
            raise translated(error) from None
        except ValueError:
            raise unreadable() from None

    return call


def _awaited(method: typing.Callable[..., typing.Any]) -> typing.Callable[..., typing.Any]:
    takes_token = "cancel" in inspect.signature(method).parameters

    async def call(*args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        token = None
        if takes_token and kwargs.get("cancel") is None and not _has_token(args):
            token = kwargs["cancel"] = CancelToken()
        try:
            return await method(*args, **kwargs)
        except CORE_ERRORS as error:
            raise translated(error) from None
        except ValueError:
            raise unreadable() from None
        except asyncio.CancelledError:
            # Work on the network stops with the task that waits for it; what is being written is written to its end.
            if token is not None:
                token.cancel()
            raise

    return call


def _has_token(args: tuple[typing.Any, ...]) -> bool:
    return any(isinstance(arg, ffi.CancelToken) for arg in args)
