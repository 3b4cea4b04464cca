"""What the contract tests share: a server process with the demo world, phones in folders of their own, a rep's way."""

from __future__ import annotations

import asyncio
import functools
import math
import os
import pathlib
import subprocess
import tempfile
import typing
import uuid

import storewalk
from storewalk import Answer, Datum, Fix, Position, QuestionKind, done

PASSWORD = "qiming-2025"

#: How long a scenario may take before it counts as hanging, in seconds.
PATIENCE = 90

_NAMESPACE = uuid.UUID("53574445-4d4f-0001-8000-000000000001")
_EARTH_RADIUS_M = 6_371_008.8
_PICTURES = pathlib.Path(__file__).parents[3] / "tests/fixtures/photos/shelf"


def id_of(kind: str, code: str) -> str:
    """The id of something in the demo world."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{code}"))


def picture(number: int) -> str:
    """One of the shelf photos, in order of their names."""
    pictures = sorted(_PICTURES.glob("*.jpg"))
    return str(pictures[number % len(pictures)])


def pictures_in(folder: str) -> list[str]:
    """The files of a folder that anybody can look at, by name."""
    heads = (b"\xff\xd8", b"\x89PNG")
    files = [path for path in pathlib.Path(folder).glob("*") if path.is_file()]
    return [path.name for path in files if path.read_bytes().startswith(heads)]


class Server:
    """A server process and the line that leads to it; what it can be told stands in `tests/src/contract`."""

    def __init__(self) -> None:
        program = os.environ.get("STOREWALK_CONTRACT_SERVER")
        assert program, "run through `cargo xtask test python`"
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([program], stdin=pipe, stdout=pipe, text=True, encoding="utf-8")
        self.url = self._answer()
        assert self.url.startswith("http"), "the server ended before it listened"

    def tell(self, order: str) -> None:
        """Gives an order and waits until it is carried out."""
        assert self._process.stdin
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()
        answer = self._answer()
        assert answer == "ok", f"the server was told `{order}` and says: {answer}"

    def end(self) -> None:
        """Ends it, which it does by itself when its input ends."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(20)

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


class Keys(storewalk.KeyStore):
    """A key store that keeps a key for each name it is asked for."""

    def __init__(self, seed: int) -> None:
        self.seed, self.kept, self.is_locked = seed, dict[str, bytes](), False

    def load_or_create(self, name: str) -> bytes:
        if self.is_locked:
            raise storewalk.Locked()
        return self.kept.setdefault(name, bytes([self.seed + len(self.kept)]) * 32)


class World:
    """One server, and phones that are gone at the end."""

    def __init__(self, root: str) -> None:
        self._root = pathlib.Path(root)
        self._phones: list[storewalk.Core] = []
        self.server = Server()

    def folder(self) -> str:
        """A folder that nobody has used."""
        return str(self._root / f"phone-{uuid.uuid4()}")

    async def phone(self, folder: str | None = None, **host: typing.Any) -> storewalk.Core:
        """A phone; it is shut down at the end."""
        core = await storewalk.open(folder or self.folder(), self.server.url, **host)
        self._phones.append(core)
        return core

    async def phone_of(self, login: str, folder: str | None = None, **host: typing.Any) -> storewalk.Core:
        """A phone on which somebody is signed in and which is in step with the server."""
        core = await self.phone(folder, **host)
        await core.session.sign_in(login, PASSWORD)
        await core.sync.now()
        return core

    async def end(self) -> None:
        """Ends the phones, then the server."""
        for core in self._phones:
            await core.shutdown()
        self.server.end()


def scenario(play: typing.Callable[[World], typing.Awaitable[None]]) -> typing.Callable[[], None]:
    """Plays an async test in a world of its own."""

    async def played() -> None:
        with tempfile.TemporaryDirectory(prefix="storewalk-") as root:
            world = World(root)
            try:
                await asyncio.wait_for(play(world), PATIENCE)
            finally:
                await world.end()

    @functools.wraps(play)
    def test() -> None:
        asyncio.run(played())

    # Otherwise pytest looks for a fixture of the scenario's argument.
    del test.__wrapped__  # type: ignore[attr-defined]
    return test


async def eventually(what: str, holds: typing.Callable[[], typing.Awaitable[bool]]) -> None:
    """Waits until something holds that nothing announces."""
    for _ in range(4_000):
        if await holds():
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"never came to be: {what}")


async def fault_of(call: typing.Awaitable[typing.Any], kind: type[storewalk.StorewalkError], code: str) -> typing.Any:
    """The fault a call ends with: of a kind, with a code and words in both languages."""
    try:
        value = await call
    except kind as fault:
        assert fault.code == code
        assert all(text for words in (fault.what, fault.next_step) for text in (words.zh, words.en))
        return fault
    raise AssertionError(f"no {kind.__name__}, but {value}")


async def argument_fault(call: typing.Awaitable[typing.Any], at: str) -> None:
    """A call is rejected for one argument, by name."""
    fault = await fault_of(call, storewalk.Rejected, "argument_invalid")
    assert [problem.at for problem in fault.problems] == [at]


# A rep's way through a visit, with what is found at S0101 that morning.

_MISSING = "P4"
_FAULTS = ("price_tags_uniform", "pop_light_box")
_PRICES = {"P1": "949.00", "P2": "1699.00", "P3": "799.00", "P4": "2499.00", "P5": "4999.00"}


async def near(core: storewalk.Core, outlet: str, metres: float) -> Fix:
    """A fix so many metres north of an outlet."""
    at = (await core.visits.brief(outlet)).outlet.position
    assert at is not None
    lat = at.lat + math.degrees(metres / _EARTH_RADIUS_M)
    return Fix(position=Position(lat=lat, lon=at.lon, datum=Datum.WGS84), accuracy_m=12.0, is_mock=False)


async def arrive(core: storewalk.Core, code: str = "S0101") -> str:
    """Arrives 38 m from the door and chooses goals; the visit."""
    outlet = id_of("outlet", code)
    visit = done(await core.visits.start(outlet, await near(core, outlet, 38))).visit_id
    done(await core.visits.choose_goals(visit, ["better_display", "sales_aids", "know_stock"]))
    return visit


async def questions(core: storewalk.Core, visit: str, step: int) -> list[storewalk.Question]:
    """The questions of a step."""
    steps = [entry for entry in await core.checklists.steps(visit) if entry.step == step]
    return [question for entry in steps for section in entry.sections for question in section.questions]


async def through(
    core: storewalk.Core, visit: str, answered: typing.Callable[[storewalk.Question], None] = lambda _: None
) -> list[str]:
    """Takes every step, answers everything and photographs every zone; the photos."""
    for step in range(2, 12):
        done(await core.checklists.begin_step(visit, step))
        while question := next((asked for asked in await questions(core, visit, step) if asked.answer is None), None):
            answer, reason = answer_to(question)
            done(await core.checklists.answer(visit, question.item, answer, question.instance, reason))
            answered(question)
    done(await core.visits.assess_goals(visit, ["better_display", "know_stock"]))
    zones = [zone.code for zone in (await core.visits.view(visit)).zones if zone.is_missing]
    return [
        done(await core.photos.capture(visit, zone, picture(place))).photo_id for place, zone in enumerate(zones)
    ]


def answer_to(question: storewalk.Question) -> tuple[Answer, str | None]:
    """What is found, as an answer with its reason."""
    is_missing, kind = question.instance == _MISSING, question.kind
    if isinstance(kind, QuestionKind.YES_NO):
        if question.item == "on_shelf" and is_missing:
            return Answer.YES_NO(False), "dealer_out_of_stock"
        return Answer.YES_NO(question.item not in _FAULTS), None
    if isinstance(kind, QuestionKind.COUNT):
        return Answer.COUNT(0 if is_missing else 12), None
    if isinstance(kind, QuestionKind.PRICE):
        return Answer.PRICE(_PRICES[question.instance]), None
    if isinstance(kind, QuestionKind.TEXT):
        return Answer.TEXT("已与陈经理商定下周补货并调整陈列"), None
    if isinstance(kind, QuestionKind.SINGLE_CHOICE):
        return Answer.CHOICE(kind.choices[0].code), None
    if isinstance(kind, QuestionKind.MULTIPLE_CHOICE):
        return Answer.CHOICES([kind.choices[0].code]), None
    return Answer.NAMES(["店员甲", "店员乙"]), None


def answers(visit: storewalk.Visit) -> dict[tuple[str, str], Answer]:
    """Every answer of a visit, by question."""
    asked = [question for step in visit.steps for section in step.sections for question in section.questions]
    return {(each.item, each.instance): each.answer for each in asked if each.answer is not None}
