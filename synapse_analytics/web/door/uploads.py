"""Files that a browser sends: refused before their body where it is known that they may not come, else written to disk as they arrive.

The door calls `receive_upload` in place of Streamlit's own route, which would hold the whole file in memory. Streamlit is told the name of
the file and no more; a page asks `path_of` for it and gives it back with `forget`.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import BinaryIO, cast

from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send
from streamlit import config
from streamlit.runtime import exists, get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.web.server.server_util import is_xsrf_enabled
from streamlit.web.server.starlette.starlette_app_utils import validate_xsrf_token
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

from synapse_analytics import access
from synapse_analytics.errors import UsageError
from synapse_analytics.web.door.on_disk import FILES, GIGABYTE, NoRoom
from synapse_analytics.web.door.sessions import SESSIONS, Session

MEGABYTE = 1 << 20
SMALL = MEGABYTE  # what anybody may send: saved cohorts as YAML are some 100 kB
FRAME = 64 << 10  # what a browser sends around the bytes of a file
MOST_OF_LARGE, MOST_OF_SMALL = GIGABYTE, 16 * SMALL  # what the files of one session may take together
STALLED = 60.0  # seconds without a byte, after which an upload is given up
PATIENCE = 600.0  # seconds that the next file of one drop waits for the one before it
ON_DISK = b"This file is on the disk of the server."  # what Streamlit holds in its place
ENDED = "The session ended before the file was there. Sign in again."
_PLACE = re.compile(r"/_stcore/upload_file/([\w-]{1,64})/([\w-]{1,64})")


class _Refused(Exception):
    """The answer to an upload that is not taken."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


async def receive_upload(scope: Scope, receive: Receive, send: Send, *, person: access.Person, owner: str) -> None:
    """Answer PUT and DELETE of /_stcore/upload_file/SESSION/FILE; the door knows that SESSION belongs to `owner`, the session of `person`."""
    request = Request(scope, receive)
    response: Response
    try:
        place = _PLACE.fullmatch(scope["path"])
        if place is None:
            raise _Refused(404, "There is no such place for a file.")
        session, file_id = place.groups()
        _check_token(request)
        if FILES.owner(file_id) not in {None, owner}:
            raise _Refused(403, "This file belongs to another session.")
        if request.method == "DELETE":
            _remove(session, file_id)
        elif request.method == "PUT":
            await _put(request, person, owner, session, file_id)
        else:
            raise _Refused(405, "Allowed: PUT, DELETE.")
        response = Response(status_code=204)
    except _Refused as refusal:  # its body stays unread, so nothing more can come on this connection
        response = PlainTextResponse(str(refusal), refusal.status, headers={"connection": "close"})
    await response(scope, receive, send)


def _check_token(request: Request) -> None:
    """Streamlit's own guard against pages of others that send files in the name of this browser."""
    if is_xsrf_enabled() and not validate_xsrf_token(request.headers.get("X-Xsrftoken"), request.cookies.get(XSRF_COOKIE_NAME)):
        raise _Refused(403, "The token of the page is missing or wrong. Open the page again.")


async def _put(request: Request, person: access.Person, owner: str, session: str, file_id: str) -> None:
    size = _announced(request, person)
    if not get_instance().is_active_session(session):
        raise _Refused(400, "This page is not open any more. Open it again.")
    sweep()
    most = MOST_OF_LARGE if access.may(person, access.Permission.MANAGE_DATA) else MOST_OF_SMALL
    async with _Turn(owner, is_large=size > SMALL + FRAME):
        try:
            sink = FILES.reserve(file_id, size, owner=owner, session=session, most=most)
        except NoRoom as full:
            raise _Refused(507, str(full)) from full
        try:
            name, kind = await _written(request, size, sink, owner)
            _manager().add_file(session, UploadedFileRec(file_id, name, kind, ON_DISK))
            if SESSIONS.find(owner) is None or not FILES.keep(file_id, name):
                raise _Refused(403, ENDED)
        except BaseException:
            _remove(session, file_id)
            raise


def _announced(request: Request, person: access.Person) -> int:
    """How many bytes will come; refused here, before the first of them, where it is known already that they may not."""
    text = request.headers.get("content-length", "")
    if not re.fullmatch(r"\d{1,15}", text):
        raise _Refused(411, "The browser has to say how large the file is.")
    size = int(text)
    if size > SMALL + FRAME and not access.may(person, access.Permission.MANAGE_DATA):
        allowed = ", ".join(sorted(access.PERMITTED[access.Permission.MANAGE_DATA]))
        raise _Refused(403, f"You may send files of at most {SMALL // MEGABYTE} MB. Only these roles may send larger ones: {allowed}.")
    most = int(config.get_option("server.maxUploadSize"))
    if size > most * MEGABYTE + FRAME:
        raise _Refused(413, f"The file is too large. Allowed: at most {most} MB.")
    return size


class _Turn:
    """One large file arrives at a time. The next one of the same drop waits, unread; one of somebody else is refused at once."""

    _whose: str | None = None

    def __init__(self, owner: str, *, is_large: bool) -> None:
        self._owner, self._is_large = owner, is_large

    async def __aenter__(self) -> None:
        if not self._is_large:
            return
        waited = 0.0
        while _Turn._whose is not None:
            if _Turn._whose != self._owner or waited > PATIENCE:
                raise _Refused(429, "Another upload is under way. Try again when it is done.")
            await asyncio.sleep(0.05)
            waited += 0.05
        _Turn._whose = self._owner

    async def __aexit__(self, *_fault: object) -> None:
        if self._is_large:
            _Turn._whose = None


class _ToDisk(MultiPartParser):
    """The parser of Starlette, whose one file goes to `sink` and not to a temporary file of its own."""

    sink: BinaryIO

    def on_headers_finished(self) -> None:
        """A part begins: a file goes to the sink."""
        super().on_headers_finished()
        if self._current_part.file is not None:
            self._current_part.file.file.close()
            self._current_part.file.file = self.sink


async def _written(request: Request, announced: int, sink: BinaryIO, owner: str) -> tuple[str, str]:
    """Write the file of the body to the sink, and return its name and type; not more than was announced is read, nor after the session has ended."""
    received = 0

    async def watched() -> Message:
        nonlocal received
        async with asyncio.timeout(STALLED):
            message = await request.receive()
        received += len(message.get("body", b""))
        if received > announced:
            raise _Refused(413, "More bytes came than were announced.")
        if SESSIONS.find(owner) is None:  # nobody else could send a large file as long as the rest comes
            raise _Refused(403, ENDED)
        return message

    with sink:
        parser = _ToDisk(request.headers, Request(request.scope, watched).stream(), max_files=1, max_fields=0)
        parser.sink = sink
        try:
            form = await parser.parse()
        except (MultiPartException, KeyError, ClientDisconnect, TimeoutError) as fault:
            raise _Refused(400, "The file did not arrive whole, or not as one file. Choose it again.") from fault
        except OSError as fault:
            raise _Refused(507, "The file cannot be written on the server. Tell who runs it.") from fault
    files = [part for _, part in form.multi_items() if not isinstance(part, str)]
    if len(files) != 1:
        raise _Refused(400, "No file came. Choose it again.")
    return files[0].filename or "", files[0].content_type or "application/octet-stream"


def _manager() -> MemoryUploadedFileManager:
    """Streamlit's list of the files of each of its sessions: of this run of a page, else of the server."""
    run = get_script_run_ctx(suppress_warning=True)
    return cast("MemoryUploadedFileManager", run.uploaded_file_mgr if run is not None else get_instance().uploaded_file_mgr)


def _remove(session: str, file_id: str) -> None:
    _manager().remove_file(session, file_id)
    FILES.remove(file_id)


def path_of(given: UploadedFile) -> Path:
    """Where a file that a page was given lies on disk."""
    path = FILES.path(given.file_id)
    if path is None:
        content = given.getbuffer()
        if content == ON_DISK:
            raise UsageError("The file is not on the server any more. Choose it again.")
        run = get_script_run_ctx(suppress_warning=True)
        with FILES.reserve(given.file_id, len(content), owner="", session=run.session_id if run else "", most=MOST_OF_LARGE) as sink:
            sink.write(content)
        FILES.keep(given.file_id, given.name)
        path = FILES.path(given.file_id)
    assert path is not None  # noqa: S101 - it was written above
    return path


def forget(given: UploadedFile) -> None:
    """Give a file back: it leaves the disk, and Streamlit does not hold its name any more."""
    run = get_script_run_ctx(suppress_warning=True)
    _remove(run.session_id if run else "", given.file_id)


def sweep() -> None:
    """Remove the files that Streamlit has let go of, as their tab was closed."""
    if exists():
        known = get_instance().uploaded_file_mgr
        FILES.remove_where(lambda file_id, held: held.path is not None and not known.get_files(held.session, [file_id]))


def _ended(session: Session, _why: str) -> None:
    FILES.remove_where(lambda _file_id, held: held.owner == session.id)


SESSIONS.watch(_ended)
