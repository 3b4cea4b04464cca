"""What a host gives the core to work with. Inherit, and answer; whatever is raised reaches the core as a failure."""

from ._generated.storewalk_ffi import Connectivity, FreeSpace, KeyStore, PositionSource, TransferRequest, Transport

__all__ = ["Connectivity", "FreeSpace", "KeyStore", "PositionSource", "TransferRequest", "Transport"]
