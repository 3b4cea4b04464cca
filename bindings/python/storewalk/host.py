"""What a host gives the core to work with. Inherit, and answer; whatever is raised reaches the core as a failure.

A key store raises `Locked` or `Gone` where that is so; any of them `NotAllowed`.
"""

from ._generated.storewalk_ffi import (
    Connectivity,
    FreeSpace,
    KeyStore,
    PlatformError,
    PositionSource,
    TransferRequest,
    Transport,
)

#: Not now: the device was not unlocked since it started.
Locked: type[Exception] = getattr(PlatformError, "Locked")

#: Gone for good: a key that was invalidated or left behind on another device.
Gone: type[Exception] = getattr(PlatformError, "Gone")

#: The person has not allowed it.
NotAllowed: type[Exception] = getattr(PlatformError, "NotAllowed")

__all__ = [
    "Connectivity",
    "FreeSpace",
    "Gone",
    "KeyStore",
    "Locked",
    "NotAllowed",
    "PositionSource",
    "TransferRequest",
    "Transport",
]
