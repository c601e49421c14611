"""A websocket lasts as long as its session: its end closes the tabs that are open, and nothing more is sent to them."""

from __future__ import annotations

import asyncio
import contextlib
import weakref

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from synapse_analytics.web.door.sessions import SESSIONS, Session

POLICY = 1008  # the code of a websocket that is closed because it may not go on
_open: weakref.WeakSet[Guarded] = weakref.WeakSet()


class Guarded:
    """The websocket of one tab."""

    def __init__(self, session: Session, receive: Receive, send: Send) -> None:
        self.session, self._receive, self._send = session, receive, send
        self._ended = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Let Streamlit talk with the tab until either goes, or the session ends."""
        _open.add(self)
        try:
            await app(scope, self._received, self._sent)
        finally:
            _open.discard(self)
            if self._ended.is_set():
                with contextlib.suppress(RuntimeError, OSError):  # the tab may be gone already
                    await self._send({"type": "websocket.close", "code": POLICY})

    def end(self) -> None:
        """Close it; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._ended.set)

    async def _received(self) -> Message:
        """What the tab says next, if its session still lasts: whatever a person does keeps it."""
        said = asyncio.ensure_future(self._receive())
        over = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({said, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
        if self._ended.is_set() or SESSIONS.find(self.session.id) is None:
            said.cancel()
            self._ended.set()
            return {"type": "websocket.disconnect", "code": POLICY}
        message = said.result()
        if message["type"] == "websocket.receive":
            SESSIONS.touch(self.session)
        return message

    async def _sent(self, message: Message) -> None:
        if not self._ended.is_set():
            await self._send(message)


def _close(session: Session, _why: str) -> None:
    for socket in list(_open):
        if socket.session.id == session.id:
            socket.end()


SESSIONS.watch(_close)
