"""A process in which every layer fails with a patient's name, id and date of birth in the message, each into a file of its own.

`python -m tests.faults.planted_values FOLDER STORE [unfiltered]`: test_planted_values.py runs it, and reads what was written.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import importlib
import logging
import os
import socket
import sqlite3
import sys
import threading
import traceback
import urllib.request
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from synapse_analytics import logs

VALUES = ("Maria Lopez", "HN-4711-0815", "1961-04-23")
TOLD = f"Could not convert string '{VALUES[0]}' of {VALUES[1]}, born {VALUES[2]}"
ROOT = Path(__file__).resolve().parents[2]


def fail(*_any: Any, **_options: Any) -> NoReturn:
    raise ValueError(TOLD)


def unhandled(run: Callable[[], Any]) -> None:
    """Run; what nobody catches goes where Python gives it at the end of a process."""
    try:
        run()
    except Exception:  # noqa: BLE001  (what Python does at the end of a process)
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]


def command(*words: str, failing: str) -> None:
    """A command of which one function fails."""
    from synapse_analytics.__main__ import main

    module, _, name = failing.rpartition(".")
    owner, kept = importlib.import_module(module), sys.argv
    working = getattr(owner, name)
    setattr(owner, name, fail)
    sys.argv = ["synapse-analytics", *words]
    unhandled(main)
    sys.argv = kept
    setattr(owner, name, working)


def check() -> None:
    command("check", "sample_data", failing="synapse_analytics.commands.bundles.check_bundle")


def load() -> None:
    import duckdb

    unhandled(lambda: duckdb.sql(f"SELECT CAST('{TOLD.replace(chr(39), '')}' AS INTEGER)").fetchall())


def query() -> None:
    from sqlalchemy import text

    from synapse_analytics.clinic import open_clinic

    def ask() -> None:
        with open_clinic().engine.connect() as connection:
            connection.execute(text("SELECT CAST(:who AS INTEGER)"), {"who": " ".join(VALUES)}).all()

    unhandled(ask)


def analysis() -> None:
    command("answer", "overview", failing="synapse_analytics.analyses.answer")


def estimate() -> None:
    import numpy as np

    unhandled(lambda: np.array([" ".join(VALUES)]).astype(float))


def export() -> None:
    command("export", f"{sys.argv[1]}/rows.zip", "--purpose", "a test", failing="synapse_analytics.commands.questions.export_records")


def page() -> None:
    from streamlit.testing.v1 import AppTest

    from synapse_analytics import analyses
    from synapse_analytics.web.door.sessions import SESSIONS

    SESSIONS.needed = False  # there is no server, and so no door
    working, analyses.answer = analyses.answer, fail
    at = AppTest.from_file(str(ROOT / "synapse_analytics" / "web" / "app.py"), default_timeout=60).run()
    analyses.answer = working
    print("the browser gets:", *(str(shown.proto) for shown in at.exception))  # noqa: T201


def page_in_colours() -> None:
    """What Streamlit does unless its configuration says otherwise."""
    from streamlit.error_util import _print_rich_exception

    try:
        fail()
    except ValueError as fault:
        _print_rich_exception(fault)


def callback() -> None:
    from streamlit.testing.v1 import AppTest

    script = "import streamlit as st\nfrom tests.faults.planted_values import fail\nst.button('go', on_click=fail)"
    at = AppTest.from_string(script, default_timeout=60).run()
    at.button[0].click().run()
    print("the browser gets:", *(str(shown.proto) for shown in at.exception))  # noqa: T201


def deferred() -> None:
    from types import SimpleNamespace

    from streamlit.runtime.backend_operation_handler import DeferredFileHandler

    asked: Any = SimpleNamespace(request_id="1", deferred_file=SimpleNamespace(file_id="2"))
    files: Any = SimpleNamespace(execute_deferred=fail)
    print("the browser gets:", asyncio.run(DeferredFileHandler(lambda: files).handle(asked, "")))  # noqa: T201


def server() -> None:
    """A real server: a route, a websocket and an unreadable request fail."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.routing import Route, WebSocketRoute
    from streamlit.logger import init_uvicorn_logs
    from websockets.sync.client import connect

    async def talk(websocket: Any) -> None:
        await websocket.accept()
        fail(await websocket.receive_text())

    routes = [Route("/patient/{name}", fail), WebSocketRoute("/talk", talk)]
    init_uvicorn_logs()
    running = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=0, access_log=False, use_colors=False))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        thread.join(0.02)
    port = running.servers[0].sockets[0].getsockname()[1]
    with suppress(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/patient/{VALUES[0].replace(' ', '%20')}?born={VALUES[2]}").read()
    with suppress(Exception), connect(f"ws://127.0.0.1:{port}/talk") as socket_of:
        socket_of.send(TOLD)
        socket_of.recv()
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(f"GET {TOLD}\r\n\r\n".encode())
        raw.recv(1000)
    running.should_exit = True
    thread.join()


def startup() -> None:
    """A server that cannot start: Starlette hands the traceback to uvicorn as a text."""
    import uvicorn
    from starlette.applications import Starlette

    running = uvicorn.Server(uvicorn.Config(Starlette(lifespan=fail), port=0, access_log=False, use_colors=False))
    with suppress(SystemExit):
        running.run()


def task() -> None:
    async def failing() -> None:
        fail()

    async def main() -> None:
        kept = asyncio.create_task(failing(), name=TOLD)
        await asyncio.sleep(0)
        del kept
        gc.collect()

    asyncio.run(main())


def thread() -> None:
    running = threading.Thread(target=fail, name=TOLD)
    running.start()
    running.join()


def finaliser() -> None:
    class Held:
        __del__ = fail

    Held()
    gc.collect()


def warning() -> None:
    warnings.warn(TOLD, stacklevel=1)
    with warnings.catch_warnings():
        logging.captureWarnings(True)  # noqa: FBT003
        warnings.warn(f"{TOLD}!", stacklevel=1)
        logging.captureWarnings(False)  # noqa: FBT003


def audit_writer() -> None:
    from synapse_analytics import audit
    from synapse_analytics.access import NOBODY
    from synapse_analytics.audit import Subject, batches, chain
    from synapse_analytics.audit.entries import Happening

    def full(*_any: Any) -> NoReturn:
        raise sqlite3.OperationalError(TOLD)

    working, chain.write = chain.write, full
    waiting = batches.Batches(pause=None)
    waiting.add(Path(sys.argv[1]), Happening(audit.Event.QUESTION, NOBODY, Subject(), 0.0))
    waiting.flush()
    chain.write = fail
    waiting = batches.Batches(pause=0.001)
    waiting.add(Path(sys.argv[1]), Happening(audit.Event.QUESTION, NOBODY, Subject(), 0.0))
    if waiting._writer._thread is not None:
        waiting._writer._thread.join(5)
    chain.write = working


def library_line() -> None:
    library = logging.getLogger("library")
    library.error("Row of %s refused", TOLD)
    library.error("Row of %(who)s refused", {"who": TOLD})


def library_sentence() -> None:
    library = logging.getLogger("library")
    library.error(f"Row of {TOLD} refused")
    library.error(ValueError(TOLD))
    with suppress(ValueError):
        try:
            fail()
        except ValueError:
            library.exception("A fault", stack_info=True)
            raise


def own_line() -> None:
    ours = logging.getLogger("synapse_analytics.planted")
    try:
        fail()
    except ValueError as fault:
        ours.exception("Stopped by %s", fault)


def chained() -> None:
    def run() -> None:
        try:
            fail()
        except ValueError as cause:
            cause.add_note(TOLD)
            raise ExceptionGroup(TOLD, [KeyError(TOLD), OSError(5, TOLD)]) from cause

    unhandled(run)


def printed() -> None:
    try:
        fail()
    except ValueError:
        traceback.print_exc()


def failing_handler() -> None:
    class Failing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            try:
                fail()
            except ValueError:
                self.handleError(record)

    library = logging.getLogger("another library")
    library.addHandler(Failing())
    library.propagate = False
    library.error("Row of %s refused", TOLD)


LAYERS = (
    check,
    load,
    query,
    analysis,
    estimate,
    export,
    page,
    page_in_colours,
    callback,
    deferred,
    server,
    startup,
    task,
    thread,
    finaliser,
    warning,
    audit_writer,
    library_line,
    library_sentence,
    own_line,
    chained,
    printed,
    failing_handler,
)
AT_THE_END = "end"  # a fault that ends the process, and one after it


def written_to(path: Path) -> None:
    """Both streams go to this file from now on."""
    sys.stdout.flush()
    sys.stderr.flush()
    into = os.open(path, os.O_WRONLY | os.O_CREAT)
    os.dup2(into, 1)
    os.dup2(into, 2)
    os.close(into)


def main() -> None:
    if sys.argv[3:] == ["unfiltered"]:
        logs.install = logs.install_in_server = lambda: None
    os.environ["SYNAPSE_HOME"] = sys.argv[2]
    logs.install_in_server()
    for layer in LAYERS:
        written_to(Path(sys.argv[1]) / f"{layer.__name__}.txt")
        layer()
    written_to(Path(sys.argv[1]) / f"{AT_THE_END}.txt")
    atexit.register(fail)
    fail()


if __name__ == "__main__":
    main()
