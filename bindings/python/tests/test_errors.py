"""What goes wrong comes as one of a few kinds with a stable code and words; what the rules refuse is a value."""

import math
import pathlib

import storewalk
from storewalk import Answer, Connectivity, Datum, Fix, FreeSpace, KeyStore, Network, Position, done
from storewalk import PositionSource
from world import PASSWORD, World, argument_fault, arrive, fault_of, id_of, picture, questions, scenario


@scenario
async def test_each_fault_has_its_kind_its_code_and_words_in_both_languages(world: World) -> None:
    phone = await world.phone()
    await fault_of(phone.plan.today(), storewalk.SignedOut, "signed_out")
    await fault_of(phone.session.sign_in("liwen", "wrong"), storewalk.Rejected, "sign_in_failed")
    await phone.session.sign_in("liwen", PASSWORD)
    await phone.sync.now()
    await fault_of(phone.visits.brief(id_of("outlet", "nowhere")), storewalk.Rejected, "not_found")
    world.server.tell("line down")
    offline = await fault_of(phone.sync.now(), storewalk.Unreachable, "offline")
    assert offline.retry_after_ms is None
    done(await phone.tasks.raise_(id_of("outlet", "S0101"), "unsent", "2025-03-20"))
    unsent = await fault_of(phone.session.sign_out(), storewalk.Unsent, "unsent")
    assert (unsent.commands, unsent.photos, unsent.drafts) == (1, 0, 0)


@scenario
async def test_an_argument_that_cannot_be_read_is_named(world: World) -> None:
    phone = await world.phone_of("liwen")
    for id in ("", "S0101", "\0", "😀", "0" * 10_000):
        await argument_fault(phone.visits.brief(id), "outlet_id")
    await argument_fault(phone.plan.on("14.03.2025"), "date")
    await argument_fault(phone.photos.capture("x", "product_zone", picture(0)), "visit_id")
    visit = id_of("visit", "none")
    for tilt in (math.nan, math.inf, -math.inf, 181.0):
        await argument_fault(phone.photos.capture(visit, "product_zone", picture(0), tilt=tilt), "tilt")
    outlet = id_of("outlet", "S0101")
    for lat, accuracy in ((math.nan, 5.0), (math.inf, 5.0), (91.0, 5.0), (30.5, math.nan)):
        fix = Fix(position=Position(lat=lat, lon=114.0, datum=Datum.WGS84), accuracy_m=accuracy, is_mock=False)
        await argument_fault(phone.visits.start(outlet, fix), "fix")


@scenario
async def test_what_the_rules_refuse_is_a_value_with_reasons_and_changes_nothing(world: World) -> None:
    phone = await world.phone_of("liwen")
    visit = await arrive(phone)
    refused = await phone.visits.finish(visit)
    assert refused.is_refused() and refused.problems
    for problem in refused.problems:
        assert problem.code and problem.what.zh and problem.next_step.en
    try:
        done(refused)
        raise AssertionError("it was refused")
    except storewalk.Refused as refusal:
        assert refusal.codes == [problem.code for problem in refused.problems]
    opened = await phone.visits.open()
    assert opened is not None and opened.id == visit
    question = (await questions(phone, visit, 4))[0]
    for answer in (Answer.TEXT("not what is asked"), Answer.COUNT(-(2**63))):
        assert (await phone.checklists.answer(visit, question.item, answer, question.instance)).is_refused()
    assert (await phone.checklists.begin_step(visit, 99)).is_refused()
    assert (await phone.checklists.begin_step(visit, 255)).is_refused()


@scenario
async def test_a_file_that_is_no_picture_is_refused_and_a_missing_one_too(world: World) -> None:
    phone = await world.phone_of("liwen")
    visit = await arrive(phone)
    text = pathlib.Path(world.folder())
    text.write_text("this is text")
    assert (await phone.photos.capture(visit, "product_zone", str(text))).is_refused()
    for path in (f"{text}-gone", "", "\0", "/"):
        await fault_of(phone.photos.capture(visit, "product_zone", path), storewalk.StorageFault, "file_fault")
    assert await phone.photos.of_visit(visit) == []


@scenario
async def test_a_folder_or_an_address_that_cannot_be_used_is_refused_at_the_door(world: World) -> None:
    file = pathlib.Path(world.folder())
    file.write_text("in the way")
    for folder in (str(file), f"{file}/below", f"{world.folder()}-{'x' * 300}"):
        await fault_of(world.phone(folder), storewalk.StorageFault, "file_fault")
    for url in ("", "shop", "ftp://example.test", "http://"):
        await argument_fault(_opened(world.folder(), url), "server_url")
    await argument_fault(_opened("", world.server.url), "folder")
    await argument_fault(_opened("a\0b", world.server.url), "folder")
    await argument_fault(_opened(world.folder(), world.server.url, zone="Mars/Olympus"), "zone")


async def _opened(folder: str, url: str, **more: str) -> storewalk.Core:
    return await storewalk.open(folder, url, **more)


class Keys(KeyStore):
    """A key store that answers as it was made to."""

    def __init__(self, answer: bytes | Exception) -> None:
        self.answer, self.asked = answer, []

    def load_or_create(self, name: str) -> bytes:
        self.asked.append(name)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@scenario
async def test_a_key_that_is_locked_gone_or_none_keeps_the_core_closed_and_leaves_its_folder_free(
    world: World,
) -> None:
    folder = world.folder()
    for answer, code in (
        (storewalk.Locked(), "key_locked"),
        (storewalk.Gone(), "key_gone"),
        (bytes(31), "key_unusable"),
        (KeyError("a fault in the app"), "key_unusable"),
    ):
        await fault_of(world.phone(folder, key_store=Keys(answer)), storewalk.StorageFault, code)
    good = Keys(bytes(range(32)))
    await (await world.phone(folder, key_store=good)).sync.status()
    assert good.asked == ["storewalk.database"]


@scenario
async def test_a_host_that_knows_something_is_asked_and_one_that_throws_is_done_without(world: World) -> None:
    class Offline(Connectivity):
        def network(self) -> Network:
            return Network.OFFLINE

    class Throwing(Connectivity, FreeSpace):
        def network(self) -> Network:
            raise KeyError("a fault in the app")

        def free_bytes(self, folder: str) -> int:
            raise KeyError("a fault in the app")

    class Forbidden(PositionSource):
        def latest_fix(self) -> Fix | None:
            raise storewalk.NotAllowed()

    class Full(FreeSpace):
        def free_bytes(self, folder: str) -> int:
            return 1_000

    offline = await world.phone(connectivity=Offline())
    await fault_of(offline.session.sign_in("liwen", PASSWORD), storewalk.Unreachable, "offline")
    host = {"connectivity": Throwing(), "free_space": Throwing(), "position": Forbidden()}
    phone = await world.phone_of("liwen", **host)
    visit = await arrive(phone)
    done(await phone.photos.capture(visit, "product_zone", picture(0)))

    full = await world.phone_of("wangqiang", free_space=Full())
    theirs = done(await full.visits.start(id_of("outlet", "S0601"))).visit_id
    capture = full.photos.capture(theirs, "product_zone", picture(0))
    await fault_of(capture, storewalk.StorageFault, "storage_full")
