"""What `bindings/README.md` shows, played as it stands there."""

import pathlib
import textwrap
import typing

import storewalk
from world import PASSWORD, World, scenario

_README = pathlib.Path(__file__).parents[2] / "README.md"


@scenario
async def test_the_first_lines_of_the_readme_do_what_they_say(world: World) -> None:
    shown = _README.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    given = "async def first_lines(folder, url, password):\n"
    played: dict[str, typing.Any] = {}
    exec(given + textwrap.indent(shown, "    ") + "    return visit", played)
    folder = world.folder()
    visit = await played["first_lines"](folder, world.server.url, PASSWORD)
    again = await world.phone(folder)
    under_way = await again.visits.open()
    assert under_way is not None and under_way.id == visit
    assert isinstance(again, storewalk.Core)
