"""Data under a key: another key, a wrong one, a locked one."""

import pathlib

import storewalk
from storewalk import KeyStore, done
from world import Keys, World, arrive, fault_of, id_of, picture, pictures_in, scenario


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


@scenario
async def test_when_the_host_cannot_make_another_key_the_one_before_still_counts(world: World) -> None:
    folder, keys = world.folder(), Keys(1)
    phone = await world.phone_of("liwen", folder, key_store=keys)
    keys.is_locked = True
    await fault_of(phone.rotate_key(), storewalk.StorageFault, "key_locked")
    await note(phone)
    await phone.shutdown()
    keys.is_locked = False
    phone = await world.phone(folder, key_store=keys)
    assert (await phone.sync.status()).unsent_commands == 1
    assert list(keys.kept) == ["storewalk.database"]
    await phone.rotate_key()
    assert list(keys.kept) == ["storewalk.database", "storewalk.database.2"]


@scenario
async def test_a_key_that_is_gone_for_good_leaves_a_way_to_begin_anew(world: World) -> None:
    class Forgetful(Keys):
        def load_or_create(self, name: str) -> bytes:
            if name == "storewalk.database":
                raise storewalk.Gone()
            return super().load_or_create(name)

    folder = world.folder()
    phone = await world.phone_of("liwen", folder, key_store=Keys(1))
    await note(phone)
    await phone.shutdown()
    forgetful = Forgetful(50)
    await fault_of(world.phone(folder, key_store=forgetful), storewalk.StorageFault, "key_gone")
    async with storewalk.open(folder, world.server.url, key_store=forgetful).anew() as phone:
        assert phone.left_behind is not None and phone.left_behind.commands == 1
        assert await phone.session.person() is None
    assert list(forgetful.kept) == ["storewalk.database.2"]
    assert (await world.phone(folder, key_store=forgetful)).left_behind is None


@scenario
async def test_under_a_key_a_photo_lies_sealed_and_is_shown_while_it_is_looked_at(world: World) -> None:
    folder = world.folder()
    phone = await world.phone_of("liwen", folder, key_store=Keys(1))
    visit = await arrive(phone)
    taken = done(await phone.photos.capture(visit, "product_zone", picture(0))).photo_id
    (photo,) = await phone.photos.of_visit(visit)
    assert photo.thumbnail_path is not None and photo.original_path is not None
    assert pathlib.Path(photo.thumbnail_path).read_bytes().startswith(b"\xff\xd8")
    assert await phone.photos.reveal(taken) == photo.original_path
    assert pathlib.Path(photo.original_path).read_bytes() == pathlib.Path(picture(0)).read_bytes()
    assert pictures_in(f"{folder}/photos") == []
    await phone.pause()
    assert not pathlib.Path(photo.thumbnail_path).exists() and not pathlib.Path(photo.original_path).exists()
    await phone.resume()
    await phone.photos.of_visit(visit)
    assert pathlib.Path(photo.thumbnail_path).exists()
