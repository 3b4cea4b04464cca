"""The Storewalk phone core for Python.

    import storewalk

    async with storewalk.open("data", "https://storewalk.example") as core:
        await core.session.sign_in("liwen", "...")
        await core.sync.now()
        for call in (await core.plan.today()).calls:
            print(call.outlet_name, call.state)

Everything that touches the database or the network is awaited and runs on threads of the core's own. What a person asked
for and the rules do not allow is a value (`done` takes what was done or raises `Refused`); everything else that goes wrong
is a `StorewalkError` with a stable `code`.
"""

from . import values as _values
from ._generated.storewalk_ffi import core_version, money_text
from .core import Core, open
from .errors import (
    Cancelled,
    Closed,
    InternalFault,
    Refused,
    Rejected,
    SignedOut,
    StorageFault,
    StorewalkError,
    Unreachable,
    Unsent,
    done,
)
from .host import (
    Connectivity,
    FreeSpace,
    Gone,
    KeyStore,
    Locked,
    NotAllowed,
    PositionSource,
    TransferRequest,
    Transport,
)
from .listening import Listening
from .logs import log_to
from .values import *  # noqa: F403

__version__ = core_version()

__all__ = [
    "Cancelled",
    "Closed",
    "Connectivity",
    "Core",
    "FreeSpace",
    "Gone",
    "InternalFault",
    "KeyStore",
    "Listening",
    "Locked",
    "NotAllowed",
    "PositionSource",
    "Refused",
    "Rejected",
    "SignedOut",
    "StorageFault",
    "StorewalkError",
    "TransferRequest",
    "Transport",
    "Unreachable",
    "Unsent",
    "core_version",
    "done",
    "log_to",
    "money_text",
    "open",
]
# In these words, which type checkers understand.
__all__ += _values.__all__
