"""What a call into the core and a call back cost from Python. Prints figures; judges nothing."""

import asyncio
import contextlib
import shutil
import statistics
import sys
import tempfile
import time
import typing

import storewalk

ROUNDS = 3_000


class Offline(storewalk.Connectivity):
    """Knows that there is no network."""

    def network(self) -> storewalk.Network:
        return storewalk.Network.OFFLINE


def say(what: str, microseconds: float, more: str = "") -> None:
    """One line."""
    sys.stdout.write(f"{what:<52} {microseconds:10.1f} µs  {more}\n")
    sys.stdout.flush()


def told(what: str, rounds: list[float]) -> None:
    """The median of many rounds after as many to warm up."""
    kept = sorted(rounds[ROUNDS:])
    say(what, statistics.median(kept), f"{kept[ROUNDS * 99 // 100]:.1f} µs at the 99th percentile")


def measure(what: str, call: typing.Callable[[], object]) -> None:
    """Calls that answer at once."""
    rounds = []
    for _ in range(2 * ROUNDS):
        began = time.perf_counter()
        call()
        rounds.append((time.perf_counter() - began) * 1e6)
    told(what, rounds)


async def measure_awaited(what: str, call: typing.Callable[[], typing.Awaitable[object]]) -> None:
    """Calls that are awaited; what they raise is a part of the figure."""
    rounds = []
    for _ in range(2 * ROUNDS):
        began = time.perf_counter()
        with contextlib.suppress(storewalk.StorewalkError):
            await call()
        rounds.append((time.perf_counter() - began) * 1e6)
    told(what, rounds)


class Keys(storewalk.KeyStore):
    """Has one key."""

    def load_or_create(self, name: str) -> bytes:
        return bytes([7]) * 32


async def main() -> None:
    folder = tempfile.mkdtemp(prefix="storewalk-bench-")
    opening = time.perf_counter()
    # Nobody listens there, and the host says so before anybody asks.
    async with storewalk.open(folder, "http://127.0.0.1:9", connectivity=Offline()) as phone:
        say(f"open an empty core ({storewalk.core_version()})", (time.perf_counter() - opening) * 1e6)
        measure("a call that answers at once", lambda: phone.life)
        measure("a call that returns a record", phone.sync.traffic)
        await measure_awaited("an awaited call that reads the database", phone.session.person)
        await measure_awaited("an awaited call that returns nested records", phone.sync.status)
        await measure_awaited("the same, ending with an exception", phone.plan.today)
        await measure_awaited("an awaited call that asks the host first", phone.sync.now)
    shutil.rmtree(folder)
    opening = time.perf_counter()
    async with storewalk.open(folder, "http://127.0.0.1:9", key_store=Keys()) as phone:
        say("open an empty core, under a key", (time.perf_counter() - opening) * 1e6)
        await measure_awaited("reading the database, under a key", phone.session.person)
        await measure_awaited("returning nested records, under a key", phone.sync.status)
    shutil.rmtree(folder)


asyncio.run(main())
