"""What nobody holds any more goes, and what ends takes everything along."""

import gc
import os
import pathlib
import weakref

import storewalk
from storewalk import Life
from world import World, argument_fault, eventually, fault_of, scenario


@scenario
async def test_a_core_that_nobody_holds_is_collected_and_its_folder_is_free_again(world: World) -> None:
    folder = world.folder()

    async def forgotten() -> weakref.ref[storewalk.Core]:
        core = await storewalk.open(folder, world.server.url)
        await core.sync.status()
        return weakref.ref(core)

    core = await forgotten()

    async def is_free() -> bool:
        gc.collect()
        try:
            await (await storewalk.open(folder, world.server.url)).shutdown()
        except storewalk.StorageFault as fault:
            assert fault.code == "already_open"
            return False
        return True

    await eventually("the folder is free", is_free)
    assert core() is None


@scenario
async def test_opening_and_ending_many_times_leaves_no_thread_no_file_and_no_listener_behind(world: World) -> None:
    folder = world.folder()

    async def open_and_end() -> None:
        core = await storewalk.open(folder, world.server.url)
        assert (await anext(core.changes())).is_first
        assert _threads(), "a core has threads of its own"
        await core.shutdown()
        assert core.life == Life.SHUT_DOWN

    async def is_let_go() -> bool:
        gc.collect()
        return _open_files(folder) == []

    await open_and_end()
    await eventually("its files are let go with the last object", is_let_go)
    listeners = _listeners()
    for _ in range(20):
        await open_and_end()
        assert _threads() == []
    await eventually("its files are let go with the last object", is_let_go)
    assert _listeners() <= listeners


@scenario
async def test_what_the_host_gave_goes_with_the_core_that_had_it(world: World) -> None:
    class Knowing(storewalk.Connectivity, storewalk.Transport):
        def network(self) -> storewalk.Network:
            return storewalk.Network.OFFLINE

        def enqueue(self, request: storewalk.TransferRequest) -> None:
            pass

    async def opened(ends: bool) -> weakref.ref[Knowing]:
        host = Knowing()
        core = await storewalk.open(world.folder(), world.server.url, connectivity=host, transport=host)
        await fault_of(core.sync.now(), storewalk.Unreachable, "offline")
        if ends:
            await core.shutdown()
        return weakref.ref(host)

    hosts = [await opened(ends) for ends in (True, False)]

    async def are_gone() -> bool:
        gc.collect()
        return [host() for host in hosts] == [None, None]

    await eventually("nobody holds them", are_gone)


@scenario
async def test_what_crosses_is_given_back(world: World) -> None:
    phone = await world.phone()
    long = "长" * 350_000

    async def play(times: int) -> None:
        for _ in range(times):
            await argument_fault(phone.visits.brief(long), "outlet_id")

    await play(20)
    before = _resident_megabytes()
    await play(200)
    # A megabyte crosses each time.
    assert _resident_megabytes() - before < 100


def _resident_megabytes() -> int:
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS:"))


def _threads() -> list[str]:
    """Threads of cores, by the names the system knows."""
    names = [(task / "comm").read_text().strip() for task in pathlib.Path("/proc/self/task").iterdir()]
    return [name for name in names if name.startswith("storewalk")]


def _open_files(folder: str) -> list[str]:
    """Files below a folder that this process holds open."""
    real = os.path.realpath(folder)
    held = [os.path.realpath(file) for file in pathlib.Path("/proc/self/fd").iterdir()]
    return sorted(file for file in held if file.startswith(real))


def _listeners() -> int:
    """Listeners that this process keeps alive."""
    return sum(isinstance(thing, storewalk.ChangeListener) for thing in gc.get_objects())
