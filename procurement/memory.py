"""What a process that serves for long does about its memory, once it has started."""

import gc
from collections.abc import Callable, Iterable
from typing import Any

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

NEW_OBJECTS = 20_000
"""Objects made since the last search for garbage that begin the next. Python's own 700
are as many as one request makes."""
ROOM = 40_000
"""Slots of the interpreter's stack, of 8 bytes. What Python maps for so many leaves
200 kB for all calls within, where a page takes some 30."""

_is_settled = False


def settle_memory() -> None:
    """Leave what was loaded at the start out of every search for garbage.

    It is never freed, and looking through it again and again costs a busy process a
    tenth of its time.
    """
    global _is_settled
    if not _is_settled:
        gc.collect()
        gc.freeze()
        gc.set_threshold(NEW_OBJECTS, 20, 20)
        _is_settled = True


def with_room(application: Application) -> Application:
    """Answer each request on a piece of the interpreter's stack that holds all of it.

    CPython's stack comes in pieces of 16 kB. A call that begins a new piece has it
    mapped, and unmapped when it returns. Where the depth of the calls is such that one
    made thousands of times does so, a page costs up to half as much again, and each
    middleware shifts where that is. A frame said to be large gets one large piece.
    """

    def respond(environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        return application(environ, start)

    respond.__code__ = respond.__code__.replace(co_stacksize=ROOM)
    return respond
