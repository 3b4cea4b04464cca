"""What nobody holds any more goes, and what ends takes everything along."""

import gc
import os
import pathlib
import weakref

import storewalk
from storewalk import Life
from world import World, eventually, scenario


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
