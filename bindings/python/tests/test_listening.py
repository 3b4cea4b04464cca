"""Who is told of changes, when, and when no more."""

import asyncio
import time

from storewalk import Change, ChangeListener, Core, Life, Topic, done
from world import World, id_of, scenario

DEALER = id_of("dealer", "D01")


class Noted(ChangeListener):
    """Keeps what it is told, for a loop to take."""

    def __init__(self) -> None:
        self.loop, self.told = asyncio.get_running_loop(), asyncio.Queue()
        self.calls = 0

    def changed(self, change: Change) -> None:
        self.calls += 1
        self.loop.call_soon_threadsafe(self.told.put_nowait, change)


async def witness(core: Core) -> None:
    """Returns when a fresh listener was told three times: whoever else was to be told by now has been."""
    async with core.changes() as changes:
        await anext(changes)
        await core.pause()
        await anext(changes)
        await core.resume()
        await anext(changes)


@scenario
async def test_the_first_call_comes_at_once_with_every_topic_and_the_current_state(world: World) -> None:
    phone = await world.phone()
    first = await anext(phone.changes())
    assert first.is_first and set(first.topics) == set(Topic) and first.life == Life.OPEN
    assert first.status is not None and first.status.needs_sign_in


@scenario
async def test_a_burst_of_changes_is_told_a_few_times_and_its_last_change_is_told(world: World) -> None:
    phone = await world.phone_of("jiangbei")
    listener = Noted()
    subscription = phone.listen(listener)
    await listener.told.get()
    began = time.monotonic()
    for _ in range(60):
        done(await phone.orders.create_draft(DEALER))
    while not listener.told.empty():
        listener.told.get_nowait()
    done(await phone.orders.create_draft(DEALER))
    while Topic.ORDERS not in (await listener.told.get()).topics:
        pass
    took = time.monotonic() - began
    subscription.cancel()
    assert listener.calls <= 3 + took * 5, f"told {listener.calls} times in {took:.1f} s"


@scenario
async def test_a_slow_collector_gets_fewer_changes_and_misses_none(world: World) -> None:
    phone = await world.phone_of("jiangbei")
    slow, fast = phone.changes(), Noted()
    subscription = phone.listen(fast)
    assert (await anext(slow)).is_first and (await fast.told.get()).is_first
    done(await phone.orders.create_draft(DEALER))
    while Topic.ORDERS not in (await fast.told.get()).topics:
        pass
    await phone.pause()
    while (await fast.told.get()).life != Life.PAUSED:
        pass
    await phone.resume()
    while (await fast.told.get()).life != Life.OPEN:
        pass
    await asyncio.to_thread(time.sleep, 0.3)
    merged = await anext(slow)
    assert {Topic.ORDERS, Topic.LIFE} <= set(merged.topics) and merged.life == Life.OPEN
    slow.stop()
    subscription.cancel()


@scenario
async def test_what_is_observed_is_read_at_once_after_its_changes_and_after_a_pause(world: World) -> None:
    phone = await world.phone_of("jiangbei")

    async def drafts() -> int:
        return len(await phone.orders.drafts())

    counts = phone.observe(drafts, Topic.ORDERS)
    assert await anext(counts) == 0
    done(await phone.orders.create_draft(DEALER))
    assert await anext(counts) == 1
    await phone.pause()
    await phone.resume()
    done(await phone.orders.create_draft(DEALER))
    while await anext(counts) != 2:
        pass
    await counts.aclose()


@scenario
async def test_a_flow_ends_when_the_core_is_shut_down(world: World) -> None:
    phone = await world.phone()
    changes = phone.changes()
    told = [await anext(changes)]
    rest = asyncio.create_task(_all(changes))
    await phone.shutdown()
    told += await rest
    assert told[0].is_first


async def _all(changes) -> list[Change]:  # type: ignore[no-untyped-def]
    return [change async for change in changes]


@scenario
async def test_a_collector_that_has_enough_stops_listening(world: World) -> None:
    phone = await world.phone()
    async with phone.changes() as changes:
        async for change in changes:
            assert change.is_first
            break
    await phone.pause()
    await phone.resume()
    await witness(phone)
    assert [change async for change in changes] == []


@scenario
async def test_a_listener_that_throws_is_told_of_the_next_change_all_the_same(world: World) -> None:
    class Throwing(Noted):
        def changed(self, change: Change) -> None:
            super().changed(change)
            raise KeyError("a fault in the app")

    phone = await world.phone()
    listener = Throwing()
    subscription = phone.listen(listener)
    assert (await listener.told.get()).is_first
    await phone.pause()
    assert (await listener.told.get()).life == Life.PAUSED
    await phone.resume()
    assert (await listener.told.get()).life == Life.OPEN
    subscription.cancel()


@scenario
async def test_a_listener_may_call_the_core_and_cancel_itself_from_inside_its_call(world: World) -> None:
    phone = await world.phone()

    class Calling(Noted):
        def changed(self, change: Change) -> None:
            async def call() -> None:
                await phone.session.person()
                await phone.sync.status()

            asyncio.run(call())
            subscriptions[0].cancel()
            super().changed(change)

    listener, subscriptions = Calling(), []
    subscriptions.append(phone.listen(listener))
    assert (await listener.told.get()).is_first
    assert subscriptions[0].is_cancelled()
    await phone.pause()
    await phone.resume()
    await witness(phone)
    assert listener.calls == 1


@scenario
async def test_a_listener_is_called_no_more_once_its_handle_is_cancelled_or_dropped(world: World) -> None:
    phone = await world.phone()
    listeners = [Noted(), Noted(), Noted()]
    handles = [phone.listen(listener) for listener in listeners]
    for listener in listeners:
        await listener.told.get()
    handles[0].cancel()
    dropped = handles.pop(1)
    del dropped
    await witness(phone)
    before = [listener.calls for listener in listeners]
    await phone.pause()
    await phone.resume()
    await witness(phone)
    after = [listener.calls for listener in listeners]
    assert before[:2] == after[:2] and after[2] > before[2]
    assert handles[0].is_cancelled() and not handles[1].is_cancelled()
