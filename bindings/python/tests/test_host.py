"""Files sent by the host, a network that returns, and the core's log in the host's."""

import asyncio
import logging
import pathlib
import time
import urllib.request

import storewalk
from child import Child
from storewalk import (
    Connectivity,
    FreeSpace,
    KeyStore,
    LogLevel,
    Network,
    PhotoStatus,
    PositionSource,
    SyncStateKind,
    TransferRequest,
    Transport,
    done,
)
from world import PASSWORD, Keys, World, arrive, fault_of, id_of, picture, pictures_in, scenario


class Courier(Transport):
    """Takes requests over, and sends them when told to."""

    def __init__(self) -> None:
        self.requests: list[TransferRequest] = []

    def enqueue(self, request: TransferRequest) -> None:
        if len(self.requests) == 2:
            raise KeyError("the bag is full")
        self.requests.append(request)

    def send(self, request: TransferRequest) -> int:
        with open(request.file_path, "rb") as file:
            file.seek(request.offset)
            body = file.read(request.length)
        sent = urllib.request.Request(request.url, body, request.headers, method=request.method)
        # A proxy of the environment cannot lead back to this machine.
        line = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with line.open(sent, timeout=20) as answer:
            return answer.status


@scenario
async def test_files_that_the_host_sends_arrive_and_are_believed_only_when_the_server_says_so(world: World) -> None:
    courier = Courier()
    phone = await world.phone_of("liwen", transport=courier)
    visit = await arrive(phone)
    done(await phone.photos.capture(visit, "product_zone", picture(0)))
    done(await phone.photos.capture(visit, "storefront", picture(1)))
    await phone.sync.now()
    # The third does not fit the bag and is due again.
    assert await phone.photos.hand_out(3) == 2
    assert all(request.offset == 0 and request.length > 0 for request in courier.requests)
    sent, lost = courier.requests
    assert await asyncio.to_thread(courier.send, sent) == 204
    for request in (sent, lost):
        await phone.photos.transfer_ended(request.id)
    report = await phone.photos.upload()
    assert (report.thumbnails, report.originals, report.error) == (2, 2, None)
    await phone.sync.now()
    assert {photo.status for photo in await phone.photos.of_visit(visit)} == {PhotoStatus.RECEIVED}


@scenario
async def test_of_sealed_data_the_host_is_handed_a_plain_copy_that_goes_when_its_transfer_has_ended(
    world: World,
) -> None:
    folder, courier = world.folder(), Courier()
    phone = await world.phone_of("liwen", folder, transport=courier, key_store=Keys(1))
    visit = await arrive(phone)
    done(await phone.photos.capture(visit, "product_zone", picture(0)))
    await phone.sync.now()
    assert await phone.photos.hand_out(9) == 2
    thumbnail, original = courier.requests
    copy = pathlib.Path(original.file_path)
    assert copy.is_absolute() and copy.read_bytes() == pathlib.Path(picture(0)).read_bytes()
    assert original.length == copy.stat().st_size and pictures_in(f"{folder}/photos") == []
    await phone.pause()
    assert copy.exists(), "suspended is what it is sent in"
    await phone.resume()
    for request in (thumbnail, original):
        assert await asyncio.to_thread(courier.send, request) == 204
        await phone.photos.transfer_ended(request.id)
    assert pictures_in(f"{folder}/outgoing") == []
    report = await phone.photos.upload()
    assert (report.thumbnails, report.originals, report.error) == (1, 1, None)
    await phone.sync.now()
    assert [photo.status for photo in await phone.photos.of_visit(visit)] == [PhotoStatus.RECEIVED]


@scenario
async def test_a_copy_that_was_handed_out_outlives_a_kill_until_its_transfer_has_ended(world: World) -> None:
    folder = world.folder()
    phone = await world.phone_of("liwen", folder, key_store=Keys(1))
    done(await phone.photos.capture(await arrive(phone), "product_zone", picture(0)))
    await phone.sync.now()
    await phone.shutdown()
    child = Child("hand", folder, world.server.url)
    handed = [child.line().split(" ", 1) for _ in range(2)]
    child.kill()
    phone = await world.phone(folder, key_store=Keys(1))
    assert pathlib.Path(handed[1][1]).read_bytes() == pathlib.Path(picture(0)).read_bytes()
    assert (await phone.photos.upload()).originals == 0, "it may still be on its way"
    for id, file in handed:
        await phone.photos.transfer_ended(id)
        assert not pathlib.Path(file).exists()
    report = await phone.photos.upload()
    assert (report.thumbnails, report.originals, report.error) == (1, 1, None)


@scenario
async def test_originals_wait_for_a_network_that_is_not_paid_for_by_volume_unless_they_are_wanted_now(
    world: World,
) -> None:
    class Metered(Connectivity):
        def network(self) -> Network:
            return Network.METERED

    async def taken(phone: storewalk.Core, outlet: str) -> storewalk.Core:
        done(await phone.photos.capture(await arrive(phone, outlet), "product_zone", picture(0)))
        await phone.sync.now()
        return phone

    phone = await taken(await world.phone_of("liwen", connectivity=Metered()), "S0101")
    for _ in range(2):
        assert (await phone.photos.upload()).originals == 0
    assert (await phone.sync.status()).unsent_photos == 1
    await phone.photos.send_originals_now()
    assert (await phone.photos.upload()).originals == 1
    hasty = await world.phone_of("wangqiang", connectivity=Metered(), originals_wait_days=0)
    assert (await (await taken(hasty, "S0601")).photos.upload()).originals == 1


@scenario
async def test_a_service_of_the_host_may_call_the_core_from_inside_its_call(world: World) -> None:
    class Calling(KeyStore, Connectivity, FreeSpace, PositionSource, Transport):
        def __init__(self) -> None:
            self.phone: storewalk.Core | None = None
            self.answered: set[str] = set()

        def call(self, what: str) -> None:
            if self.phone is not None:
                asyncio.run(self._ask(self.phone, what))

        async def _ask(self, phone: storewalk.Core, what: str) -> None:
            await phone.sync.status()
            await phone.sync.network_returned()
            self.answered.add(what)

        def load_or_create(self, name: str) -> bytes:
            asyncio.run(fault_of(world.phone(folder), storewalk.StorageFault, "already_open"))
            self.call("key")
            return bytes([len(name)]) * 32

        def network(self) -> Network:
            self.call("network")
            return Network.UNMETERED

        def free_bytes(self, folder: str) -> int:
            self.call("room")
            return 2**63

        def latest_fix(self) -> storewalk.Fix | None:
            self.call("place")
            return None

        def enqueue(self, request: TransferRequest) -> None:
            self.call("transfer")

    folder, calling = world.folder(), Calling()
    host = {"key_store": calling, "connectivity": calling, "free_space": calling}
    phone = await world.phone(folder, **host, position=calling, transport=calling)
    calling.phone = phone
    await phone.session.sign_in("liwen", PASSWORD)
    await phone.sync.now()
    visit = done(await phone.visits.start(id_of("outlet", "S0101"))).visit_id
    done(await phone.photos.capture(visit, "product_zone", picture(0)))
    await phone.sync.now()
    assert await phone.photos.hand_out(9) == 2
    await phone.rotate_key()
    assert calling.answered == {"key", "network", "room", "place", "transfer"}


@scenario
async def test_without_a_transport_nothing_is_handed_out(world: World) -> None:
    phone = await world.phone_of("liwen")
    done(await phone.photos.capture(await arrive(phone), "product_zone", picture(0)))
    await phone.sync.now()
    assert await phone.photos.hand_out(10) == 0
    assert (await phone.photos.upload()).originals == 1


@scenario
async def test_when_the_network_returns_what_waited_for_it_is_due(world: World) -> None:
    phone = await world.phone_of("liwen")
    done(await phone.tasks.raise_(id_of("outlet", "S0101"), "waits", "2025-03-20"))
    world.server.tell("line down")
    for _ in range(6):
        await fault_of(phone.sync.now(), storewalk.Unreachable, "offline")
    waiting = await phone.sync.status()
    assert (waiting.failures, waiting.last_error.code) == (6, "offline")
    wait_ms = waiting.next_attempt_at_ms - time.time() * 1000
    assert wait_ms > 20_000, "after six failures it waits for half a minute at least"
    await phone.sync.network_returned()
    hastened = await phone.sync.status()
    assert hastened.next_attempt_at_ms <= time.time() * 1000 + 2_000
    world.server.tell("line up")
    assert (await phone.sync.now()).commands_sent == 1
    assert (await phone.sync.status()).state.kind not in (SyncStateKind.WAITS_FOR_NETWORK, SyncStateKind.SENDING)


@scenario
async def test_the_log_reaches_the_host_and_names_nobody(world: World) -> None:
    lines: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())
            raise KeyError("a fault in the app, which is passed over")

    logger = logging.getLogger("storewalk.contract")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(Keeping())
    assert storewalk.log_to(logger, LogLevel.DEBUG)
    try:
        await world.phone_of("liwen")
    finally:
        storewalk.log_to(None)
    assert lines, "a sign-in and a sync leave a trace"
    assert not any(word in line for line in lines for word in ("李雯", "qiming-2025", "Bearer"))
