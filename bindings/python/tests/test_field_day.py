"""What a day in the field needs, from signing in to a photo that comes back."""

import pathlib
from decimal import Decimal

from storewalk import (
    CallState,
    Core,
    NoticeKind,
    OrderStatus,
    Photo,
    PhotoStatus,
    Role,
    SyncStateKind,
    TraceStep,
    done,
    money_text,
)
from world import PASSWORD, World, answers, arrive, id_of, picture, scenario, through


@scenario
async def test_signing_in_enrols_the_phone_and_the_plan_of_the_day_comes_with_the_first_sync(world: World) -> None:
    phone = await world.phone()
    assert await phone.session.person() is None
    person = await phone.session.sign_in("liwen", PASSWORD)
    assert (person.name, person.code, person.role) == ("李雯", "R001", Role.REP)
    assert (await phone.sync.now()).is_complete
    today = await phone.plan.today()
    assert today.date == "2025-03-14"
    assert [call.outlet_code for call in today.calls][:3] == ["S0101", "S0103", "S0102"]
    assert len(today.calls) == 8 and {call.state for call in today.calls} == {CallState.PLANNED}
    reasons = await phone.plan.skip_reasons()
    skipped = today.calls[7]
    done(await phone.plan.skip(skipped.plan_id, reasons[0].code))
    assert (await phone.plan.today()).calls[7].state == CallState.SKIPPED


@scenario
async def test_a_whole_visit_is_made_without_a_network_and_arrives_with_its_photos(world: World) -> None:
    phone = await world.phone_of("liwen")
    world.server.tell("line down")
    world.server.tell("clock 2025-03-14T08:43")
    visit = await arrive(phone)
    check_in = (await phone.visits.view(visit)).check_in
    assert check_in is not None and abs(check_in.distance_m - 38) < 0.5
    photos = await through(phone, visit)
    finished = done(await phone.visits.finish(visit))
    assert (len(photos), finished.hit_pct) == (5, "80.0")
    assert finished.summary.score.total == "85"
    assert len(answers(await phone.visits.view(visit))) == 45
    assert [task.kind for task in finished.tasks].count("assortment_gap") == 1
    waiting = await phone.sync.status()
    assert waiting.unsent_commands > 45 and waiting.unsent_photos == 5

    world.server.tell("line up")
    sent = await phone.sync.now()
    assert sent.is_complete and sent.refused == 0
    upload = await phone.photos.upload()
    assert (upload.thumbnails, upload.originals) == (5, 5)
    await phone.sync.now()
    after = await phone.sync.status()
    assert (after.unsent_commands, after.unsent_photos) == (0, 0)
    assert after.state.kind in (SyncStateKind.ALL_SENT, SyncStateKind.CLOCK_WRONG)
    assert {photo.status for photo in await phone.photos.of_visit(visit)} == {PhotoStatus.RECEIVED}
    receipt = await phone.sync.receipt(photos[0])
    assert receipt is not None and receipt.is_trusted and receipt.key_id in receipt.export
    call = next(call for call in (await phone.plan.today()).calls if call.outlet_code == "S0101")
    assert call.state == CallState.DONE
    assert (await phone.visits.day_report("2025-03-14")).completed == 1


@scenario
async def test_an_order_is_priced_with_its_trace_and_placed(world: World) -> None:
    phone = await world.phone_of("jiangbei")
    world.server.tell("line down")
    draft = done(await phone.orders.create_draft(id_of("dealer", "D01")))
    for product, quantity in (("P1", 20), ("P2", 10), ("A10", 40)):
        view = done(await phone.orders.set_line(draft, id_of("product", product), quantity))
    priced = view.priced
    assert priced.price_list_code == "v7"
    assert [money_text(line.amount) for line in priced.lines] == ["17,200.00", "13,900.00", "960.00"]
    assert money_text(priced.payable) == "31,418.80"
    assert all(isinstance(line.trace[0], TraceStep.LIST_PRICE) for line in priced.lines)
    exact = [line.trace[1] for line in priced.lines]
    assert [Decimal(step.exact) for step in exact] == [Decimal(17200), Decimal(13900), Decimal(960)]
    assert [gift.quantity for gift in priced.gifts] == [2]
    assert isinstance(priced.gifts[0].trace[0], TraceStep.GIFT_EARNED)
    assert isinstance(priced.rebate.trace[0], TraceStep.LADDER_REACHED)
    assert all(line.zh and line.en for line in view.explanation)
    fewer = done(await phone.orders.set_line(draft, id_of("product", "P1"), 10))
    assert money_text(fewer.priced.payable) == "23,460.00"
    done(await phone.orders.set_line(draft, id_of("product", "P1"), 20))

    placed = done(await phone.orders.submit(draft))
    assert not (await phone.orders.view(placed.order_id)).has_arrived
    assert await phone.orders.drafts() == []
    world.server.tell("line up")
    await phone.sync.now()
    order = await phone.orders.view(placed.order_id)
    assert order.has_arrived and money_text(order.payable) == "31,418.80"
    # The dealer's books leave less room than that.
    assert order.status == OrderStatus.HELD
    assert NoticeKind.HELD in [notice.kind for notice in await phone.notices.items()]


@scenario
async def test_a_rejected_photo_comes_back_with_its_reason_and_is_taken_again(world: World) -> None:
    phone = await world.phone_of("liwen")

    async def send() -> None:
        await phone.sync.now()
        await phone.photos.upload()
        await phone.sync.now()

    visit = await arrive(phone)
    photo = (await through(phone, visit))[1]
    done(await phone.visits.finish(visit))
    await send()
    assert await phone.photos.rejected() == []

    world.server.tell(f"reject {photo} empty_slot 第二层左边空了一个位置")
    await phone.sync.now()
    (retake,) = await phone.photos.rejected()
    assert (retake.photo.id, retake.verdict.note) == (photo, "第二层左边空了一个位置")
    assert (retake.verdict.pin.x, retake.verdict.pin.y) == (0.315, 0.42)
    assert (await phone.visits.view(visit)).summary.score.total == "73"

    again = done(await phone.photos.capture(visit, retake.photo.zone, picture(11), photo)).photo_id
    assert await phone.photos.rejected() == []
    await send()
    world.server.tell(f"approve {again}")
    await phone.sync.now()
    photos = {each.id: each for each in await phone.photos.of_visit(visit)}
    assert (photos[photo].replaced_by, photos[again].replaces) == (again, photo)
    assert photos[again].status == PhotoStatus.APPROVED
    assert (await phone.visits.view(visit)).summary.score.total == "85"


@scenario
async def test_a_retake_shows_without_a_network_how_a_colleague_took_it(world: World) -> None:
    phone, colleague = await world.phone_of("liwen"), await world.phone_of("wangqiang")

    async def taken(core: Core, outlet: str, number: int) -> Photo:
        visit = await arrive(core, outlet)
        done(await core.photos.capture(visit, "product_zone", picture(number)))
        await core.sync.now()
        await core.photos.upload()
        await core.sync.now()
        (photo,) = await core.photos.of_visit(visit)
        return photo

    rejected, example = await taken(phone, "S0101", 1), await taken(colleague, "S0107", 2)
    world.server.tell(f"reject {rejected.id} empty_slot like {example.id} 像这样摆满")
    await phone.sync.now()
    world.server.tell("line down")
    (retake,) = await phone.photos.rejected()
    assert retake.verdict.reference_photo_id == example.id
    assert retake.verdict.reference_path is not None and example.thumbnail_path is not None
    shown, own = pathlib.Path(retake.verdict.reference_path), pathlib.Path(example.thumbnail_path)
    assert shown.read_bytes() == own.read_bytes()

    done(await phone.photos.capture(rejected.visit_id, "product_zone", picture(3), rejected.id))
    world.server.tell("line up")
    await phone.sync.now()
    assert not shown.exists(), "nothing shows it any more"
