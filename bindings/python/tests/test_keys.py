"""Data under a key: another key, a wrong one, a locked one."""

import pathlib

import storewalk
from storewalk import KeyStore, PlatformError, done
from world import World, fault_of, id_of, scenario


class Keys(KeyStore):
    """A key store that keeps a key for each name it is asked for."""

    def __init__(self, seed: int) -> None:
        self.seed, self.kept, self.is_locked = seed, dict[str, bytes](), False

    def load_or_create(self, name: str) -> bytes:
        if self.is_locked:
            raise PlatformError.Locked()
        return self.kept.setdefault(name, bytes([self.seed + len(self.kept)]) * 32)


def plain_files(folder: str) -> list[str]:
    """The files in which a word of the work, or the head of a plain database, can be read."""
    files = [path for path in pathlib.Path(folder).rglob("*") if path.is_file()]
    words = ("SQLite format 3".encode(), "unsent and secret".encode())
    return [path.name for path in files if any(word in path.read_bytes() for word in words)]


async def note(phone: storewalk.Core) -> None:
    done(await phone.tasks.raise_(id_of("outlet", "S0101"), "unsent and secret", "2025-03-20"))


@scenario
async def test_another_key_takes_the_place_of_the_first_and_opens_what_it_sealed(world: World) -> None:
    folder, keys = world.folder(), Keys(1)
    phone = await world.phone_of("liwen", folder, key_store=keys)
    await note(phone)
    await phone.rotate_key()
    await phone.shutdown()
    assert plain_files(folder) == []
    assert list(keys.kept) == ["storewalk.database", "storewalk.database.2"]
    del keys.kept["storewalk.database"]
    phone = await world.phone(folder, key_store=keys)
    assert (await phone.sync.status()).unsent_commands == 1
    await phone.shutdown()
    first = Keys(1)
    await fault_of(world.phone(folder, key_store=first), storewalk.StorageFault, "key_wrong")


@scenario
async def test_a_wrong_key_opens_nothing_touches_nothing_and_leaves_a_way_to_begin_anew(world: World) -> None:
    folder, keys, others = world.folder(), Keys(1), Keys(50)
    phone = await world.phone_of("liwen", folder, key_store=keys)
    await note(phone)
    await phone.shutdown()
    await fault_of(world.phone(folder, key_store=others), storewalk.StorageFault, "key_wrong")
    await fault_of(world.phone(folder), storewalk.StorageFault, "key_needed")
    url = world.server.url
    await fault_of(_begun_anew(folder, url, keys), storewalk.StorageFault, "key_fits")
    phone = await world.phone(folder, key_store=keys)
    assert (await phone.sync.status()).unsent_commands == 1 and phone.left_behind is None
    await phone.shutdown()

    async with storewalk.open(folder, url, key_store=others).anew() as phone:
        left = phone.left_behind
        assert left is not None and (left.commands, left.photos) == (1, 0)
        await phone.session.sign_in("liwen", "qiming-2025")
        await phone.sync.now()
        assert (await phone.plan.today()).calls
    async with storewalk.open(left.folder, url, key_store=keys) as found:
        assert (await found.sync.status()).unsent_commands == 1


async def _begun_anew(folder: str, url: str, keys: KeyStore) -> storewalk.Core:
    return await storewalk.open(folder, url, key_store=keys).anew()


@scenario
async def test_a_locked_key_can_be_tried_again_and_nothing_is_set_aside(world: World) -> None:
    folder, keys = world.folder(), Keys(1)
    phone = await world.phone_of("liwen", folder, key_store=keys)
    await note(phone)
    await phone.shutdown()
    keys.is_locked = True
    await fault_of(world.phone(folder, key_store=keys), storewalk.StorageFault, "key_locked")
    await fault_of(_begun_anew(folder, world.server.url, keys), storewalk.StorageFault, "key_locked")
    keys.is_locked = False
    phone = await world.phone(folder, key_store=keys)
    assert (await phone.sync.status()).unsent_commands == 1
