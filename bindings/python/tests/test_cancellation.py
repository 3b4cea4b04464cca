"""Callers that no longer wait."""

import asyncio

import storewalk
from storewalk import CancelToken, Core, done
from world import PASSWORD, World, eventually, fault_of, id_of, scenario


async def _raise(phone: Core, note: str) -> None:
    done(await phone.tasks.raise_(id_of("outlet", "S0101"), note, "2025-03-20"))


@scenario
async def test_a_cancelled_sync_ends_at_once_stops_the_work_behind_it_and_loses_nothing(world: World) -> None:
    phone = await world.phone_of("liwen")
    await _raise(phone, "before")
    world.server.tell("line held")
    syncing = asyncio.create_task(phone.sync.now())
    await asyncio.to_thread(world.server.tell, "await held")
    syncing.cancel()
    await asyncio.wait([syncing], timeout=5)
    assert syncing.cancelled()
    world.server.tell("line up")
    # Long enough for an answer to come that nobody stopped: somebody else's whole sync.
    await world.phone_of("wangqiang")
    assert (await phone.sync.status()).unsent_commands == 1
    assert (await phone.sync.now()).commands_sent == 1
    assert (await phone.sync.status()).unsent_commands == 0
    assert [task.note for task in await phone.tasks.mine()].count("before") == 1


@scenario
async def test_following_ends_when_it_is_cancelled(world: World) -> None:
    phone = await world.phone_of("liwen")
    following = asyncio.create_task(phone.sync.follow())
    await asyncio.sleep(0)
    assert (await phone.sync.status()).failures == 0 and not following.done()
    following.cancel()
    await asyncio.wait([following], timeout=5)
    assert following.cancelled()


@scenario
async def test_a_cancelled_token_refuses_every_call_that_is_given_it(world: World) -> None:
    phone = await world.phone_of("liwen")
    token = CancelToken()
    token.cancel()
    assert token.is_cancelled()
    for call in (phone.sync.now, phone.sync.follow, phone.photos.upload, phone.session.sign_out):
        await fault_of(call(cancel=token), storewalk.Cancelled, "cancelled")
    await fault_of(phone.session.sign_in("liwen", PASSWORD, cancel=token), storewalk.Cancelled, "cancelled")
    assert await phone.session.person() is not None


@scenario
async def test_what_was_begun_is_finished_though_nobody_waits_for_it(world: World) -> None:
    phone = await world.phone_of("jiangbei")
    for _ in range(20):
        creating = asyncio.create_task(phone.orders.create_draft(id_of("dealer", "D01")))
        # One turn of the loop: it has reached the core before it is cancelled.
        await asyncio.sleep(0)
        creating.cancel()
        await asyncio.wait([creating])

    async def all_there() -> bool:
        return len(await phone.orders.drafts()) == 20

    await eventually("all drafts are there", all_there)


@scenario
async def test_an_opening_that_nobody_waits_for_leaves_its_folder_free(world: World) -> None:
    folder = world.folder()

    async def opened() -> None:
        await storewalk.open(folder, world.server.url)

    opening = asyncio.create_task(opened())
    await asyncio.sleep(0)
    opening.cancel()
    await asyncio.wait([opening])

    async def is_free() -> bool:
        try:
            await (await storewalk.open(folder, world.server.url)).shutdown()
        except storewalk.StorageFault:
            return False
        return True

    await eventually("it can be opened", is_free)


@scenario
async def test_two_hundred_calls_at_once_are_all_answered(world: World) -> None:
    phone = await world.phone_of("liwen")
    days = await asyncio.gather(*(phone.plan.today() for _ in range(200)))
    assert {len(day.calls) for day in days} == {8}
