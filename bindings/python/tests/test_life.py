"""Opening, pausing, ending and dying."""

import asyncio
import pathlib
import threading

import storewalk
from child import Child
from storewalk import Core, Life, done
from world import PASSWORD, Keys, World, answers, arrive, eventually, fault_of, id_of, picture, scenario


class Load:
    """Callers that write until they are stopped; anything but an answer or `Closed` fails the test."""

    def __init__(self, phone: Core) -> None:
        self.made = self.closed = 0
        self._stops = False
        self._callers = [asyncio.create_task(self._write(phone)) for _ in range(6)]

    async def _write(self, phone: Core) -> None:
        while not self._stops:
            try:
                done(await phone.orders.create_draft(id_of("dealer", "D01")))
                self.made += 1
            except storewalk.Closed:
                self.closed += 1
                await asyncio.sleep(0)

    async def reaches(self, made: int) -> None:
        """Waits until so many calls were answered."""

        async def is_there() -> bool:
            return self.made >= made

        await eventually(f"{made} calls are answered", is_there)

    async def end(self) -> None:
        """Stops the callers; a call under way is waited for."""
        self._stops = True
        await asyncio.gather(*self._callers)


@scenario
async def test_paused_it_answers_closed_and_resumed_it_works(world: World) -> None:
    phone = await world.phone_of("liwen")
    assert phone.life == Life.OPEN
    await phone.pause()
    await phone.pause()
    assert phone.life == Life.PAUSED
    await fault_of(phone.plan.today(), storewalk.Closed, "closed")
    await phone.resume()
    assert len((await phone.plan.today()).calls) == 8


@scenario
async def test_under_load_pausing_and_resuming_answers_every_call_or_says_closed(world: World) -> None:
    phone = await world.phone_of("jiangbei")
    load = Load(phone)
    for _ in range(15):
        await load.reaches(load.made + 1)
        await phone.pause()
        await phone.resume()
    await load.end()
    assert len(await phone.orders.drafts()) == load.made


@scenario
async def test_under_load_a_shutdown_ends_and_every_call_after_it_says_closed(world: World) -> None:
    folder = world.folder()
    phone = await world.phone_of("jiangbei", folder)
    load = Load(phone)
    await load.reaches(20)
    await phone.shutdown()
    await fault_of(phone.orders.drafts(), storewalk.Closed, "closed")
    await load.end()
    assert load.closed > 0
    again = await world.phone(folder)
    assert again.recovery is None
    # A call that ended with the core may have been done: none that was answered is missing.
    assert len(await again.orders.drafts()) >= load.made


@scenario
async def test_after_shutdown_every_part_says_closed_and_a_second_shutdown_does_no_harm(world: World) -> None:
    phone = await world.phone_of("liwen")
    await phone.shutdown()
    await phone.shutdown()
    assert phone.life == Life.SHUT_DOWN
    outlet = id_of("outlet", "S0101")
    calls = [
        phone.session.person(),
        phone.session.sign_in("liwen", PASSWORD),
        phone.plan.today(),
        phone.visits.start(outlet),
        phone.checklists.steps(outlet),
        phone.photos.rejected(),
        phone.photos.upload(),
        phone.orders.drafts(),
        phone.tasks.mine(),
        phone.notices.items(),
        phone.outlets.profile(outlet),
        phone.photos.send_originals_now(),
        phone.photos.transfer_ended(f"{outlet}/original"),
        phone.parcels.carried(),
        phone.parcels.deliver(),
        phone.review.decide(storewalk.ReviewDraft(photo_id=outlet, decision=storewalk.VerdictDecision.APPROVED)),
        phone.sync.network_returned(),
        phone.rotate_key(),
        phone.sync.now(),
        phone.sync.follow(),
        phone.sync.status(),
        phone.pause(),
        phone.resume(),
    ]
    for call in calls:
        await fault_of(call, storewalk.Closed, "closed")
    try:
        phone.changes()
        raise AssertionError("there is nothing to listen to")
    except storewalk.Closed as fault:
        assert fault.code == "closed"


@scenario
async def test_a_folder_has_one_core_at_a_time_in_this_process_and_beside_it(world: World) -> None:
    folder = world.folder()
    phone = await world.phone(folder)
    await fault_of(world.phone(folder), storewalk.StorageFault, "already_open")
    await fault_of(world.phone(f"{folder}/../{folder.rsplit('/', 1)[1]}"), storewalk.StorageFault, "already_open")
    assert Child("hold", folder, world.server.url).line() == "already_open"
    await phone.shutdown()
    child = Child("hold", folder, world.server.url)
    assert child.line() == "open"
    await fault_of(world.phone(folder), storewalk.StorageFault, "already_open")
    child.kill()
    assert await (await world.phone(folder)).session.person() is None


@scenario
async def test_what_a_killed_app_had_said_was_done_is_there_when_it_is_opened_again(world: World) -> None:
    folder = world.folder()
    phone = await world.phone_of("liwen", folder, key_store=Keys(1))
    await phone.shutdown()
    child = Child("work", folder, world.server.url)
    visit = child.line().removeprefix("visit ")
    said = [child.line() for _ in range(12)] + child.kill()
    again = await world.phone(folder, key_store=Keys(1))
    assert again.recovery is None or again.recovery.file is None, "a kill damages nothing"
    opened = await again.visits.open()
    assert opened is not None and opened.id == visit
    given = answers(opened)
    for line in said:
        kind, _, what = line.partition(" ")
        if kind == "answered" and what.count(" ") == 1:
            item, instance = what.split(" ")
            assert (item, instance) in given, f"{line} is lost"
    world.server.tell("clock 2025-03-14T09:00")
    sent = await again.sync.now()
    assert sent.is_complete and sent.refused == 0


@scenario
async def test_a_process_may_end_with_a_core_a_listener_and_a_call_alive(world: World) -> None:
    folder = world.folder()
    for _ in range(5):
        child = Child("leave", folder, world.server.url)
        assert child.line() == "leaving 50"
        assert child.end() == (0, "")
    assert (await world.phone(folder)).life == Life.OPEN


@scenario
async def test_a_shutdown_ends_a_call_under_way_which_says_closed(world: World) -> None:
    folder = world.folder()
    phone = await world.phone_of("liwen", folder)
    done(await phone.tasks.raise_(id_of("outlet", "S0101"), "unsent", "2025-03-20"))
    world.server.tell("line held")
    syncing = asyncio.create_task(phone.sync.now())
    await asyncio.to_thread(world.server.tell, "await held")
    await phone.shutdown()
    await fault_of(syncing, storewalk.Closed, "closed")
    world.server.tell("line up")
    again = await world.phone(folder)
    assert (await again.sync.now()).commands_sent == 1


@scenario
async def test_a_pause_ends_a_sync_under_way_which_goes_on_after_it(world: World) -> None:
    phone = await world.phone_of("liwen")
    done(await phone.tasks.raise_(id_of("outlet", "S0101"), "unsent", "2025-03-20"))
    world.server.tell("line held")
    syncing = asyncio.create_task(phone.sync.now())
    await asyncio.to_thread(world.server.tell, "await held")
    await phone.pause()
    world.server.tell("line up")
    await fault_of(syncing, storewalk.Closed, "closed")
    await phone.resume()
    assert (await phone.sync.now()).commands_sent == 1
    assert (await phone.sync.status()).unsent_commands == 0


@scenario
async def test_a_folder_may_have_any_name_that_the_system_allows(world: World) -> None:
    folder = f"{world.folder()} 门店 😀 𰻞 e\u0301 '\";%20#&?/{'深' * 80}"
    phone = await world.phone_of("liwen", folder)
    visit = await arrive(phone)
    done(await phone.photos.capture(visit, "product_zone", picture(0)))
    await phone.shutdown()
    again = await world.phone(folder)
    (photo,) = await again.photos.of_visit(visit)
    assert photo.original_path is not None and photo.original_path.startswith(folder)
    assert pathlib.Path(photo.original_path).read_bytes() == pathlib.Path(picture(0)).read_bytes()
    await fault_of(world.phone(folder), storewalk.StorageFault, "already_open")


@scenario
async def test_shut_down_from_several_sides_at_once_it_is_over_when_any_of_them_comes_back(world: World) -> None:
    folder = world.folder()
    for _ in range(5):
        phone = await world.phone(folder)
        for side in asyncio.as_completed([phone.shutdown() for _ in range(4)]):
            await side
            assert phone.life == Life.SHUT_DOWN
            await (await storewalk.open(folder, world.server.url)).shutdown()


@scenario
async def test_a_listener_or_a_service_of_the_host_may_shut_the_core_down_from_inside_its_call(
    world: World,
) -> None:
    class Ending(storewalk.ChangeListener):
        def changed(self, change: storewalk.Change) -> None:
            asyncio.run(phone.shutdown())
            told.set()

    class EndingToo(storewalk.Connectivity):
        def network(self) -> storewalk.Network:
            phone.end()
            return storewalk.Network.UNMETERED

    told, folder = threading.Event(), world.folder()
    phone = await world.phone(folder)
    kept = phone.listen(Ending())
    assert await asyncio.to_thread(told.wait, 20), "it comes back"
    await phone.shutdown()
    assert kept.is_cancelled()
    phone = await world.phone(folder, connectivity=EndingToo())
    (fault,) = await asyncio.gather(phone.sync.now(), return_exceptions=True)
    assert isinstance(fault, (storewalk.Closed, storewalk.SignedOut)), "which of them was first"
    await phone.shutdown()
    assert (await world.phone(folder)).life == Life.OPEN


@scenario
async def test_using_shuts_down_whatever_happens_inside(world: World) -> None:
    folder = world.folder()
    try:
        async with storewalk.open(folder, world.server.url) as phone:
            raise KeyError("a fault in the app")
    except KeyError:
        assert phone.life == Life.SHUT_DOWN
    async with await storewalk.open(folder, world.server.url) as again:
        assert again.life == Life.OPEN
    assert again.life == Life.SHUT_DOWN
