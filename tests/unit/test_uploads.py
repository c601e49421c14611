"""Files that browsers send: refused before their body, written to disk as they arrive, given back, and swept away."""

from __future__ import annotations

import asyncio
import os
import resource
import stat
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

from synapse_analytics.access import EVERYBODY, Person, Role
from synapse_analytics.errors import UsageError
from synapse_analytics.web.door import on_disk, uploads
from synapse_analytics.web.door.on_disk import OnDisk
from synapse_analytics.web.door.sessions import SESSIONS
from synapse_analytics.web.door.uploads import FRAME, MEGABYTE, ON_DISK, SMALL, forget, path_of, receive_upload, sweep

ADMIN, DOCTOR = Person("ana", EVERYBODY), Person("lee", frozenset({Role.DOCTOR}))
TAB = "tab-1"  # the Streamlit session
BOUNDARY = "drawn"
HEAD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="%s"\r\nContent-Type: application/zip\r\n\r\n'
CUT = b"the connection broke"
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()


class Server:
    """What Streamlit knows: its open tabs, and the files of each."""

    def __init__(self) -> None:
        self.uploaded_file_mgr = MemoryUploadedFileManager("/_stcore/upload_file")

    def is_active_session(self, tab: str) -> bool:
        return tab.startswith("tab")

    def files(self, file_id: str) -> list[UploadedFileRec]:
        return self.uploaded_file_mgr.get_files(TAB, [file_id])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    monkeypatch.setattr(on_disk.tempfile, "tempdir", str(tmp_path))
    files, server = OnDisk(), Server()
    monkeypatch.setattr(uploads, "FILES", files)
    monkeypatch.setattr(uploads, "exists", lambda: True)
    monkeypatch.setattr(uploads, "get_instance", lambda: server)
    monkeypatch.setattr(uploads, "is_xsrf_enabled", lambda: False)
    monkeypatch.setattr(uploads._Turn, "_whose", None)
    yield server
    files.close()
    assert not list(tmp_path.glob(f"{on_disk.PREFIX}*"))


@pytest.fixture
def owner() -> Iterator[str]:
    session = SESSIONS.begin(lambda: ADMIN)
    yield session.id
    SESSIONS.end(session.id)


class Sent:
    """A request whose body comes in blocks, and its answer."""

    def __init__(self, blocks: list[bytes], announced: int | None = None, *, file: str = "", method: str = "PUT", tab: str = TAB) -> None:
        self.file, self.asked, self._blocks = file or str(uuid4()), 0, blocks
        size = sum(map(len, blocks)) if announced is None else announced
        headers = {"content-length": str(size), "content-type": f"multipart/form-data; boundary={BOUNDARY}"}
        if size < 0:
            del headers["content-length"]
        self.scope: dict[str, Any] = {
            "type": "http", "method": method, "path": f"/_stcore/upload_file/{tab}/{self.file}", "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        self.status, self.text = 0, ""

    async def blocks(self) -> AsyncIterator[bytes]:
        for block in self._blocks:
            yield block

    async def to(self, person: Person, owner: str) -> Sent:
        source = self.blocks()

        async def receive() -> dict[str, Any]:
            self.asked += 1
            block = await anext(source, b"")
            if block == CUT:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": block, "more_body": bool(block)}

        async def send(message: Any) -> None:
            self.status = message.get("status", self.status)
            self.text += message.get("body", b"").decode()

        await receive_upload(self.scope, receive, send, person=person, owner=owner)  # type: ignore[arg-type]
        return self

    def answered(self, person: Person, owner: str) -> Sent:
        return asyncio.run(self.to(person, owner))


def body(content: bytes, name: str = "bundle.zip") -> list[bytes]:
    whole = (HEAD % name).encode() + content + TAIL
    return [whole[start : start + 65_536] for start in range(0, len(whole), 65_536)]


def put(content: bytes, person: Person, owner: str, **more: Any) -> Sent:
    return Sent([*body(content)], **more).answered(person, owner)


def given(sent: Sent, server: Server) -> UploadedFile:
    [record] = server.files(sent.file)
    return UploadedFile(record, None)  # type: ignore[arg-type]


def folder() -> Path:
    return uploads.FILES.open()


def left() -> list[Path]:
    return [path for path in folder().iterdir() if path.name != on_disk.LOCK]


def test_a_file_lies_on_disk_for_us_alone_and_streamlit_holds_its_name(server: Server, owner: str) -> None:
    sent = put(b"PK drawn", ADMIN, owner)
    assert (sent.status, sent.text) == (204, "")
    [record] = server.files(sent.file)
    assert (record.name, record.type, record.data) == ("bundle.zip", "application/zip", ON_DISK)
    path = path_of(given(sent, server))
    assert path.read_bytes() == b"PK drawn"
    assert path.name == "upload.zip"
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (folder(), path.parent, path)]
    assert modes == [0o700, 0o700, 0o600]


def test_the_memory_of_a_large_file_is_that_of_one_block(server: Server, owner: str) -> None:
    block, many = os.urandom(65_536), 4_096
    sent = Sent([(HEAD % "large.zip").encode(), *[block] * many, TAIL])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sent.answered(ADMIN, owner).status == 204
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32_000  # kB; the file has 256 MB
    assert path_of(given(sent, server)).stat().st_size == uploads.FILES.total() == many * len(block)


REFUSED_UNREAD = {
    "a large file of who may not load": (DOCTOR, SMALL + FRAME + 1, 403, "Only these roles may send larger ones: admin."),
    "a file that is too large": (ADMIN, 500 * MEGABYTE + FRAME + 1, 413, "Allowed: at most 500 MB."),
    "a file of unknown size": (ADMIN, -1, 411, "how large the file is"),
}


@pytest.mark.parametrize("case", REFUSED_UNREAD)
def test_it_is_refused_before_a_byte_is_read(server: Server, owner: str, case: str) -> None:
    person, announced, status, words = REFUSED_UNREAD[case]
    sent = Sent(body(b"drawn"), announced).answered(person, owner)
    assert (sent.status, sent.asked) == (status, 0)
    assert words in sent.text
    assert (left(), server.files(sent.file), uploads.FILES.total()) == ([], [], 0)


def test_who_may_not_load_sends_a_small_file_and_not_one_byte_more_than_announced(server: Server, owner: str) -> None:
    assert put(b"x" * SMALL, DOCTOR, owner).status == 204
    sent = Sent([*body(b"drawn"), *[b"x" * 65_536] * 100], sum(map(len, body(b"drawn")))).answered(DOCTOR, owner)
    assert (sent.status, sent.asked) == (413, 2)
    assert len(left()) == 1


def test_the_token_of_the_page_is_asked_for_before_the_body(server: Server, owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "is_xsrf_enabled", lambda: True)
    token = generate_xsrf_token_string(b"0" * 16, 1)
    sent = put(b"drawn", ADMIN, owner)
    assert (sent.status, sent.asked) == (403, 0)
    for supplied, status in ((token, 204), (generate_xsrf_token_string(b"1" * 16, 1), 403)):
        sent = Sent(body(b"drawn"))
        sent.scope["headers"] += [(b"x-xsrftoken", supplied.encode()), (b"cookie", f"{XSRF_COOKIE_NAME}={token}".encode())]
        assert sent.answered(ADMIN, owner).status == status


def test_what_arrives_broken_leaves_nothing(server: Server, owner: str) -> None:
    whole = b"".join(body(b"drawn"))
    broken = {
        "cut": [whole[:80], CUT],
        "two files": body(b"drawn")[:-1] + [whole[: -len(TAIL)] + b"\r\n" + whole],
        "none": [TAIL],
        "nothing": [],
    }
    for case, blocks in broken.items():
        sent = Sent(blocks).answered(ADMIN, owner)
        assert (case, sent.status, left(), server.files(sent.file), uploads.FILES.total()) == (case, 400, [], [], 0)


def test_a_body_that_stands_still_is_given_up(server: Server, owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "STALLED", 0.05)
    monkeypatch.setattr(Sent, "blocks", lambda _self: still())
    begun = time.monotonic()
    sent = Sent([b"x" * SMALL * 2]).answered(ADMIN, owner)
    assert (sent.status, left(), uploads._Turn._whose) == (400, [], None)
    assert time.monotonic() - begun < 5


async def still() -> AsyncIterator[bytes]:
    await asyncio.sleep(6)
    yield b""


def test_the_large_file_of_another_waits_for_no_turn_and_the_next_of_the_same_drop_does(server: Server, owner: str) -> None:
    other, large = SESSIONS.begin(lambda: ADMIN).id, b"x" * SMALL * 2

    class Slow(Sent):
        async def blocks(self) -> AsyncIterator[bytes]:
            async for block in super().blocks():
                await asyncio.sleep(0.01)
                yield block

    async def together() -> tuple[Sent, Sent, Sent, Sent]:
        first, beside, small, after = Slow(body(large)), Sent(body(large)), Sent(body(b"drawn")), Sent(body(large))
        running = asyncio.create_task(first.to(ADMIN, owner))
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(after.to(ADMIN, owner))
        await asyncio.gather(beside.to(ADMIN, other), small.to(ADMIN, other))
        assert first.status == 0
        assert after.asked == 0
        await asyncio.gather(running, waiting)
        return first, beside, small, after

    first, beside, small, after = asyncio.run(together())
    assert [first.status, small.status, after.status] == [204, 204, 204]
    assert (beside.status, beside.asked, beside.text) == (429, 0, "Another upload is under way. Try again when it is done.")
    SESSIONS.end(other)


def test_the_files_of_one_session_and_of_all_have_a_sum_that_is_held_before_the_body(server: Server, owner: str) -> None:
    uploads.FILES.most = 20 * SMALL
    other = SESSIONS.begin(lambda: DOCTOR).id
    full = [put(b"x" * SMALL, DOCTOR, owner) for _ in range(16)]
    assert [sent.status for sent in full] == [204] * 15 + [507]
    assert full[-1].asked == 0
    assert "Your files would take more than 16 MB together" in full[-1].text
    beside = [put(b"x" * SMALL, DOCTOR, other) for _ in range(5)]
    assert [sent.status for sent in beside] == [204] * 4 + [507]
    assert "The files of all people would take more than 20 MB together" in beside[-1].text
    SESSIONS.end(other)
    assert put(b"x" * SMALL, ADMIN, owner).status == 204


def test_a_file_of_another_session_can_be_neither_replaced_nor_removed(server: Server, owner: str) -> None:
    mine, stranger = put(b"mine", ADMIN, owner), SESSIONS.begin(lambda: ADMIN).id
    for method in ("PUT", "DELETE"):
        sent = put(b"other", ADMIN, stranger, file=mine.file, method=method)
        assert (sent.status, sent.asked) == (403, 0)
    assert path_of(given(mine, server)).read_bytes() == b"mine"
    SESSIONS.end(stranger)


def test_files_go_when_they_are_given_back_deleted_left_or_the_session_ends(server: Server, owner: str) -> None:
    used, deleted, closed, last = (put(b"drawn", ADMIN, owner) for _ in range(4))
    assert len(left()) == 4
    put(b"", ADMIN, owner, file=deleted.file, method="DELETE")
    held = given(used, server)
    with pytest.MonkeyPatch.context() as page:
        page.setattr(
            uploads, "get_script_run_ctx", lambda **_quiet: SimpleNamespace(session_id=TAB, uploaded_file_mgr=server.uploaded_file_mgr)
        )
        forget(held)
    assert not server.files(used.file) + server.files(deleted.file)
    server.uploaded_file_mgr.remove_file(TAB, closed.file)  # as Streamlit does for a tab that is closed
    sweep()
    assert left() == [path_of(given(last, server)).parent]
    with pytest.raises(UsageError, match="Choose it again"):
        path_of(held)
    SESSIONS.end(owner)
    assert left() == []


def test_a_session_that_ends_while_a_file_arrives_keeps_nothing(server: Server, owner: str) -> None:
    class Ending(Sent):
        async def blocks(self) -> AsyncIterator[bytes]:
            async for block in super().blocks():
                SESSIONS.end(owner)
                yield block

    sent = Ending(body(b"drawn")).answered(ADMIN, owner)
    assert (sent.status, left(), server.files(sent.file)) == (403, [], [])


def test_nothing_more_is_read_when_the_session_has_ended(server: Server, owner: str) -> None:
    class Ended(Sent):
        async def blocks(self) -> AsyncIterator[bytes]:
            yield self._blocks[0]
            SESSIONS.end(owner)
            for block in [b"x" * 10] * 1000:
                yield block

    sent = Ended(body(b"x" * SMALL * 2), SMALL * 3).answered(ADMIN, owner)
    assert (sent.status, sent.asked) == (403, 2)
    assert uploads._Turn._whose is None


def test_a_record_that_came_in_memory_is_written_to_the_same_place(server: Server) -> None:
    file = UploadedFile(UploadedFileRec("a-1", "../../x.yaml", "text/yaml", b"drawn: 1"), None)  # type: ignore[arg-type]
    assert path_of(file) == path_of(file)
    assert path_of(file).read_bytes() == b"drawn: 1"
    assert path_of(file).parent.parent == folder()


def test_what_a_killed_process_left_goes_at_the_next_start_and_what_a_living_one_holds_stays(server: Server, tmp_path: Path) -> None:
    dead, young, living = (tmp_path / f"{on_disk.PREFIX}{name}" for name in ("dead", "young", "living"))
    for one in (dead, young, living):
        one.mkdir()
        (one / "upload").write_bytes(b"drawn")
    (dead / on_disk.LOCK).touch()
    with on_disk.FileLock(living / on_disk.LOCK) as lock:
        lock.take()
        folder()
        assert [one.exists() for one in (dead, young, living)] == [False, True, True]
    uploads.FILES.close()
    an_hour_ago = time.time() - 3600
    os.utime(young, (an_hour_ago, an_hour_ago))
    folder()
    assert not young.exists()
    assert not living.exists()


def test_nothing_stands_where_no_file_belongs(server: Server, owner: str) -> None:
    for path in ("/_stcore/upload_file/tab-1", "/_stcore/upload_file/tab-1/../x", "/_stcore/upload_file/tab-1/a/b"):
        sent = Sent(body(b"drawn"))
        sent.scope["path"] = path
        assert sent.answered(ADMIN, owner).status == 404
    assert put(b"drawn", ADMIN, owner, tab="closed").status == 400
    assert put(b"drawn", ADMIN, owner, method="POST").status == 405
