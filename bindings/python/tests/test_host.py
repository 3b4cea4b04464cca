"""Files sent by the host, a network that returns, and the core's log in the host's."""

import asyncio
import logging
import time
import urllib.request

import storewalk
from storewalk import LogLevel, PhotoStatus, SyncStateKind, Transport, TransferRequest, done
from world import World, arrive, fault_of, id_of, picture, scenario


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
