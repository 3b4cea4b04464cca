"""What only this suite plays: files sent by the host, and the core's log in the host's."""

import asyncio
import logging
import urllib.request

import storewalk
from storewalk import LogLevel, PhotoStatus, Transport, TransferRequest, done
from world import World, arrive, picture, scenario


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
async def test_the_log_reaches_the_hosts_and_names_nobody(world: World) -> None:
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
