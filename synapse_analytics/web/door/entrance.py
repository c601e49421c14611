"""What the two ways in have in common: the link of local mode (local.py) and the sign-in (sign_in.py)."""

from __future__ import annotations

from typing import Protocol

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from synapse_analytics.web.door.sessions import Session


class Entrance(Protocol):
    """One way to get a session."""

    https: bool  # browsers reach the dashboard by https only

    def cookie(self, scope: Scope) -> str:
        """The name of the cookie that holds the name of a session."""

    def foreign(self, scope: Scope) -> str | None:
        """Why this request is answered to nobody, with or without a session; None if it may ask."""

    def origin(self, scope: Scope) -> str:
        """The origin that a page of this dashboard has."""

    async def answers(self, scope: Scope, receive: Receive, send: Send, *, session: Session | None, app: ASGIApp) -> bool:
        """Answer what belongs to coming in and going out; False for every other request."""

    def wrongly_set(self) -> str | None:
        """What is wrong with the settings, so that they give nobody a role until they are corrected; None if nothing is."""

    def stranger(self, scope: Scope) -> Response:
        """The page for somebody who asks for a page and has no session."""
