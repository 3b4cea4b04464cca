"""Another process with a phone core, for what one process alone cannot show: `child.py WORK FOLDER URL`."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import storewalk
from storewalk import done
from world import Keys, arrive, id_of, through


class Child:
    """This file as a process of its own."""

    def __init__(self, work: str, folder: str, url: str) -> None:
        command = [sys.executable, "-B", __file__, work, folder, url]
        # What it says on its error output is ours to read only where it ends by itself.
        errors = subprocess.PIPE if work == "leave" else None
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8"
        )

    def line(self) -> str:
        """The next line it says; empty when it has ended."""
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def kill(self) -> list[str]:
        """Ends it in the middle of whatever it does; what it had said until then."""
        self._process.kill()
        said, _ = self._process.communicate(timeout=30)
        return said.splitlines()

    def end(self) -> tuple[int, str]:
        """Waits until it ends by itself; its exit status and what it complains of."""
        _, complaints = self._process.communicate(timeout=30)
        return self._process.returncode, complaints


def say(line: str) -> None:
    """Says something at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def work(folder: str, url: str) -> None:
    """Answers question after question and says so after each, until it is killed."""
    core = await storewalk.open(folder, url, key_store=Keys(1))
    visit = await arrive(core)
    say(f"visit {visit}")
    await through(core, visit, lambda question: say(f"answered {question.item} {question.instance}"))
    while True:
        raised = done(await core.tasks.raise_(id_of("outlet", "S0101"), "one more", "2025-03-20"))
        say(f"raised {raised}")


async def hold(folder: str, url: str) -> None:
    """Opens the folder, or says why not, and keeps it until it is killed."""
    try:
        core = await storewalk.open(folder, url)
        say("open")
        await asyncio.Event().wait()
        await core.shutdown()
    except storewalk.StorewalkError as fault:
        say(fault.code)


async def hand(folder: str, url: str) -> None:
    """Hands out what is due and says where it lies, until it is killed."""

    class Courier(storewalk.Transport):
        def enqueue(self, request: storewalk.TransferRequest) -> None:
            say(f"{request.id} {request.file_path}")

    core = await storewalk.open(folder, url, key_store=Keys(1), transport=Courier())
    await core.photos.hand_out(9)
    await asyncio.Event().wait()


#: What is alive until the very end.
kept: list[storewalk.Core] = []


async def leave(folder: str, url: str) -> None:
    """Leaves with everything alive: a listener, a call under way, a core that nobody shut down."""
    core = await storewalk.open(folder, url)
    kept.append(core)
    changes = core.changes()
    await anext(changes)
    calls = [asyncio.create_task(core.sync.status()) for _ in range(50)]
    await asyncio.sleep(0)
    say(f"leaving {len(calls)}")
    sys.exit(0)


if __name__ == "__main__":
    asyncio.run({"work": work, "hold": hold, "hand": hand, "leave": leave}[sys.argv[1]](*sys.argv[2:]))
