"""What crosses comes out as it went in, or is refused in words; nothing brings the host down."""

import pathlib

import storewalk
from storewalk import Answer, Currency, Money, QuestionKind, done, money_text
from world import World, argument_fault, arrive, fault_of, id_of, picture, questions, scenario

OUTLET = id_of("outlet", "S0101")


@scenario
async def test_emoji_rare_hanzi_and_combining_marks_come_back_letter_for_letter(world: World) -> None:
    phone = await world.phone_of("liwen")
    notes = ["补货 😀👩‍👩‍👧‍👦🇨🇳", "𠮷野家 𰻞𰻞面 㐂 龘", "é e\u0301 \u202eabc", "\"'\\;--\n\t%s{}"]
    ids = [done(await phone.tasks.raise_(OUTLET, note, "2025-03-20")) for note in notes]
    assert (await phone.sync.now()).refused == 0
    other = await world.phone_of("liwen")
    for reader in (phone, other):
        tasks = {task.id: task.note for task in await reader.tasks.mine()}
        assert [tasks[id] for id in ids] == notes


@scenario
async def test_a_nul_in_a_text_comes_back_or_is_refused_and_what_is_around_it_stays(world: World) -> None:
    phone = await world.phone_of("liwen")
    attempt = await phone.tasks.raise_(OUTLET, "before\0after", "2025-03-20")
    assert attempt.is_refused() and attempt.problems[0].code == "text_invalid"
    assert len((await phone.plan.today()).calls) == 8


@scenario
async def test_half_a_character_is_refused_and_the_core_works_on(world: World) -> None:
    phone = await world.phone_of("liwen")
    await fault_of(phone.tasks.raise_(OUTLET, "\ud83d", "2025-03-20"), storewalk.Rejected, "argument_invalid")
    await fault_of(world.phone(world.folder() + "\ud83d"), storewalk.Rejected, "argument_invalid")
    assert len((await phone.plan.today()).calls) == 8


@scenario
async def test_numbers_at_their_limits_are_taken_or_refused_never_wrapped(world: World) -> None:
    phone = await world.phone_of("jiangbei")
    draft = done(await phone.orders.create_draft(id_of("dealer", "D01")))
    product = id_of("product", "P1")
    for quantity in (0, 2**31, 2**32 - 1):
        attempt = await phone.orders.set_line(draft, product, quantity)
        if attempt.is_done() and quantity:
            (line,) = attempt.value.lines
            assert line.quantity == quantity
            priced = attempt.value.priced
            assert priced is None or priced.payable.minor > 0
    for quantity in (-1, 2**32, 2**70):
        setting = phone.orders.set_line(draft, product, quantity)
        await fault_of(setting, storewalk.Rejected, "argument_invalid")
    await fault_of(world.phone(originals_wait_days=256), storewalk.Rejected, "argument_invalid")
    assert money_text(Money(minor=-1, currency=Currency.CNY)) == "-0.01"
    assert money_text(Money(minor=2**63 - 1, currency=Currency.CNY)) == "92,233,720,368,547,758.07"
    assert money_text(Money(minor=-(2**63), currency=Currency.CNY)) == "-92,233,720,368,547,758.08"


@scenario
async def test_the_copy_of_a_photo_is_as_large_as_the_host_wants_it_or_there_is_none(world: World) -> None:
    # A stamp that can be read needs 320 pixels; the picture has 348.
    for edge, longest in ((330, 330), (1, 320), (2**32 - 1, 348), (0, None)):
        phone = await world.phone_of("liwen", copy_long_edge=edge)
        visit = await arrive(phone)
        done(await phone.photos.capture(visit, "product_zone", picture(0)))
        (photo,) = await phone.photos.of_visit(visit)
        sides = None if photo.stamped_path is None else jpeg_sides(photo.stamped_path)
        assert (None if sides is None else max(sides)) == longest
        await phone.shutdown()


def jpeg_sides(path: str) -> tuple[int, int]:
    """Height and width, as the frame's header says (ITU-T T.81, B.2.2)."""
    data, at = pathlib.Path(path).read_bytes(), 2
    while data[at + 1] not in (0xC0, 0xC2):
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return int.from_bytes(data[at + 5 : at + 7], "big"), int.from_bytes(data[at + 7 : at + 9], "big")


@scenario
async def test_a_price_is_an_exact_number_or_no_price(world: World) -> None:
    phone = await world.phone_of("liwen")
    visit = await arrive(phone)
    done(await phone.checklists.answer(visit, "on_shelf", Answer.YES_NO(True), "P1"))
    prices = [
        (step, each)
        for step in range(2, 12)
        for each in await questions(phone, visit, step)
        if isinstance(each.kind, QuestionKind.PRICE)
    ]
    step, item, instance = prices[0][0], prices[0][1].item, prices[0][1].instance
    done(await phone.checklists.answer(visit, item, Answer.PRICE("949.00"), instance))
    for price in ("", "NaN", "1e400", "9,49", "９４９", "1" * 60, "\0"):
        await argument_fault(phone.checklists.answer(visit, item, Answer.PRICE(price), instance), "answer")
    for price in ("-1", "79228162514264337593543950335"):
        assert (await phone.checklists.answer(visit, item, Answer.PRICE(price), instance)).is_refused()
    kept = [each for each in await questions(phone, visit, step) if (each.item, each.instance) == (item, instance)]
    assert kept[0].answer == Answer.PRICE("949.00")
