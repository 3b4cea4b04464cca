"""Callers as a type checker sees them, good ones and faulty ones. Nobody runs this.

Where a fault is no fault to the checker any more, its `ignore` is one too many, and the checker says so.
"""

import storewalk
from storewalk import CancelToken, Core, FieldTask, Topic, done


async def good(core: Core) -> list[str]:
    """What the documentation shows."""
    person = await core.session.sign_in("liwen", "secret")
    outcome: storewalk.SyncOutcome = await core.sync.now(cancel=CancelToken())
    names: list[str] = [call.outlet_name for call in (await core.plan.today()).calls]
    async with core.changes() as changes:
        async for change in changes:
            names += [topic.name for topic in change.topics]
    mine = core.observe(core.tasks.mine, Topic.TASKS)
    tasks: list[FieldTask] = await anext(mine)
    await mine.aclose()
    done(await core.tasks.raise_(tasks[0].outlet_id, "note", "2025-03-20"))
    return [*names, person.name, str(outcome.rows_applied)]


async def faulty(core: Core) -> None:
    """What a checker has to object to."""
    await core.visits.start(42)  # type: ignore[arg-type]
    await core.plan.todays()  # type: ignore[attr-defined]
    (await core.sync.status()).unsent_commands.lower()  # type: ignore[attr-defined]
    storewalk.open("folder", 443)  # type: ignore[arg-type]
    core.observe(core.tasks.mine, "tasks")  # type: ignore[arg-type]


class Silent(storewalk.Connectivity):
    """Answers with something that is no network."""

    def network(self) -> int:  # type: ignore[override]
        raise storewalk.NotAllowed()
