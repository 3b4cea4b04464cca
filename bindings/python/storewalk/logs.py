"""The core's log in Python's."""

from __future__ import annotations

import logging

from ._generated import storewalk_ffi as ffi

_LEVELS = {
    ffi.LogLevel.ERROR: logging.ERROR,
    ffi.LogLevel.WARN: logging.WARNING,
    ffi.LogLevel.INFO: logging.INFO,
    ffi.LogLevel.DEBUG: logging.DEBUG,
}


class _Sink(ffi.LogSink):
    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    def log(self, level: ffi.LogLevel, target: str, line: str) -> None:
        self._logger.log(_LEVELS[level], "%s: %s", target, line)


def log_to(logger: logging.Logger | None, most: ffi.LogLevel = ffi.LogLevel.INFO) -> bool:
    """Hands the core's log to a logger, up to a level; `None` takes it away. One for the whole process.

    Lines come in the middle of the work that they tell of: a handler notes them and never waits for the core."""
    return ffi.set_log_sink(_Sink(logger) if logger is not None else None, most)
