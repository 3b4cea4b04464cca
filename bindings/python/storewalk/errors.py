"""What can go wrong, as exceptions with a stable code and words in both languages."""

from __future__ import annotations

import typing

from ._generated import storewalk_ffi as ffi
from ._generated.storewalk_domain import Localized


class StorewalkError(Exception):
    """A call did not do what it promises. `code` is stable; `what` and `next_step` are for a person."""

    def __init__(self, code: str, what: Localized, next_step: Localized) -> None:
        super().__init__(f"{code}: {what.en}. {next_step.en}.")
        self.code = code
        self.what = what
        self.next_step = next_step


class Unreachable(StorewalkError):
    """There is no way to the server now, or it asks to wait; work goes on without it."""

    retry_after_ms: int | None = None


class SignedOut(StorewalkError):
    """Somebody has to sign in; what was captured stays."""


class Rejected(StorewalkError):
    """The rules, the server or the core object; asking the same again changes nothing."""

    problems: list[ffi.Problem]


class Unsent(StorewalkError):
    """It would leave work unsent."""

    commands: int
    photos: int
    drafts: int


class StorageFault(StorewalkError):
    """The storage, or the key to it, cannot be used; nothing was half done."""


class Closed(StorewalkError):
    """The core is paused or shut down."""


class Cancelled(StorewalkError):
    """The caller's token was cancelled."""


class InternalFault(StorewalkError):
    """A fault of the core's."""


class Refused(Exception):
    """What was asked for was not done, for these reasons. Raised by `done` alone."""

    def __init__(self, problems: list[ffi.Problem]) -> None:
        super().__init__("; ".join(f"{problem.code}: {problem.what.en}" for problem in problems))
        self.problems = problems

    @property
    def codes(self) -> list[str]:
        """The codes of what stands in the way."""
        return [problem.code for problem in self.problems]


#: By the names of the generated exceptions, which no type checker finds where they are.
_KINDS: dict[type[BaseException], type[StorewalkError]] = {
    getattr(ffi.CoreError, name): kind
    for name, kind in {
        "Unreachable": Unreachable,
        "SignedOut": SignedOut,
        "Rejected": Rejected,
        "Unsent": Unsent,
        "Storage": StorageFault,
        "Closed": Closed,
        "Cancelled": Cancelled,
        "Internal": InternalFault,
    }.items()
}

CORE_ERRORS = tuple(_KINDS)


def translated(error: BaseException) -> StorewalkError:
    """The exception of this package for one of the generated ones, with everything it says."""
    details: ffi.Details = error.details  # type: ignore[attr-defined]
    made = _KINDS[type(error)](details.code, details.what, details.next_step)
    for name in ("retry_after_ms", "problems", "commands", "photos", "drafts"):
        if hasattr(error, name):
            setattr(made, name, getattr(error, name))
    return made


def unreadable() -> Rejected:
    """What never reaches the core: a text with half of a pair of surrogates, a number that the core has no room for."""
    what = Localized(zh="应用给出的内容无法识别", en="The app handed over something that cannot be read")
    next_step = Localized(zh="请更正后再试", en="Correct it and try again")
    made = Rejected("argument_invalid", what, next_step)
    made.problems = [ffi.Problem(code="argument_invalid", at="", what=what, next_step=next_step)]
    return made


def done(attempt: typing.Any) -> typing.Any:
    """What was done, where something can show; `Refused` with the reasons when it was not done."""
    if attempt.is_refused():
        raise Refused(attempt.problems)
    return getattr(attempt, "value", None)
