"""Work that goes by another road, and the word of the server that it arrived."""

import pathlib

import storewalk
from storewalk import done
from world import World, arrive, fault_of, id_of, picture, scenario

OUTLET = id_of("outlet", "S0101")


@scenario
async def test_what_is_packed_is_carried_by_somebody_else_and_arrives_once(world: World) -> None:
    mine, theirs = await world.phone_of("liwen"), await world.phone_of("wangqiang")
    world.server.tell("line down")
    task = done(await mine.tasks.raise_(OUTLET, "carried", "2025-03-20"))
    packing = await mine.parcels.pack(world.folder())
    assert (packing.commands, packing.photos, packing.missing_photos, len(packing.files)) == (1, 0, 0, 1)
    (file,) = packing.files
    assert pathlib.Path(file).stat().st_size == packing.bytes
    assert b"carried" not in pathlib.Path(file).read_bytes()
    assert (await mine.sync.status()).unsent_commands == 1, "packing sends nothing"

    parcel = await theirs.parcels.carry(file)
    assert (parcel.size_bytes, parcel.attempts, parcel.is_refused) == (packing.bytes, 0, False)
    assert await theirs.parcels.carry(file) == parcel
    assert await theirs.parcels.carried() == [parcel]
    await fault_of(theirs.parcels.discard(parcel.id), storewalk.Rejected, "not_found")
    failed = await theirs.parcels.deliver()
    assert (failed.taken, failed.left) == (0, 1)
    (tried,) = await theirs.parcels.carried()
    assert (tried.attempts, tried.last_error) == (1, "offline")

    world.server.tell("line up")
    await theirs.sync.network_returned()
    delivery = await theirs.parcels.deliver()
    assert (delivery.taken, delivery.refused, delivery.left) == (1, 0, 0)
    assert await theirs.parcels.carried() == []
    other = await world.phone_of("liwen")
    assert [each.id for each in await other.tasks.mine() if each.note == "carried"] == [task]
    sent = await mine.sync.now()
    assert (sent.refused, (await mine.sync.status()).unsent_commands) == (0, 0)
    assert [each.id for each in await mine.tasks.mine() if each.note == "carried"] == [task]


@scenario
async def test_a_file_that_is_no_parcel_is_refused_and_so_is_one_cut_short(world: World) -> None:
    mine, theirs = await world.phone_of("liwen"), await world.phone()
    done(await mine.tasks.raise_(OUTLET, "cut", "2025-03-20"))
    (file,) = (await mine.parcels.pack(world.folder())).files
    whole = pathlib.Path(file).read_bytes()
    bad = pathlib.Path(file).with_name("bad.parcel")
    for content, code in ((b"this is text", "parcel_unknown"), (whole[:20], "parcel_truncated")):
        bad.write_bytes(content)
        await fault_of(theirs.parcels.carry(str(bad)), storewalk.Rejected, code)
    await fault_of(theirs.parcels.carry(f"{bad}-gone"), storewalk.StorageFault, "file_fault")
    for path in ("", "\0"):
        fault = await fault_of(theirs.parcels.carry(path), storewalk.Rejected, "argument_invalid")
        assert [problem.at for problem in fault.problems] == ["path"]
    assert await theirs.parcels.carried() == []


@scenario
async def test_what_was_captured_is_listed_in_words_and_its_receipt_can_be_shown(world: World) -> None:
    phone = await world.phone_of("liwen")
    visit = await arrive(phone)
    photo = done(await phone.photos.capture(visit, "product_zone", picture(0))).photo_id
    waiting = await phone.sync.ledger(100)
    assert all(entry.what.zh and entry.what.en for entry in waiting)
    assert not any(entry.is_sent or entry.has_receipt for entry in waiting)
    assert await phone.sync.receipt(waiting[0].command_id) is None
    assert waiting[-1].captured_at_ms <= waiting[0].captured_at_ms
    assert len(await phone.sync.ledger(1)) == 1 and await phone.sync.ledger(0) == []

    await phone.sync.now()
    await phone.photos.upload()
    await phone.sync.now()
    sent = await phone.sync.ledger(100)
    assert [entry.command_id for entry in sent] == [entry.command_id for entry in waiting]
    assert all(entry.is_sent and entry.has_receipt for entry in sent)
    for item in (sent[0].command_id, photo):
        receipt = await phone.sync.receipt(item)
        assert receipt is not None and receipt.is_trusted and item in receipt.line
        assert receipt.sha256 in receipt.export and receipt.bytes > 0
    assert (await phone.sync.receipt_health()).problem is None
