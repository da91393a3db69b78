"""A real Chromium and an office that is served to it on loopback."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from service.app import build
from service.office import Office

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from playwright.sync_api import Browser, BrowserContext

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-default-apps"),
]


def program() -> str | None:
    """The browser of this machine."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


#: CI has a browser and skips nothing.
in_a_browser = pytest.mark.skipif(
    program() is None and "CI" not in os.environ, reason="no Chromium on this machine: the journeys in a browser"
)


@contextmanager
def opened(**environment: str) -> Iterator[Browser]:
    """A browser that asks no other host for anything; in an ``environment`` that adds to the one of this process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=program(), args=ARGUMENTS, env={**os.environ, **environment})
        try:
            yield made
        finally:
            made.close()


@contextmanager
def installed(folder: Path) -> Iterator[BrowserContext]:
    """A phone: a browser that keeps what it is given in a folder, and finds it there when it is started again."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        made = play.chromium.launch_persistent_context(
            folder,
            executable_path=program(),
            args=ARGUMENTS,
            viewport={"width": 360, "height": 800},
            timezone_id="Asia/Makassar",
        )
        try:
            yield made
        finally:
            made.close()


class BadLine:
    """Breaks the line of chosen requests to an address: ``before`` the office hears of it, or ``after`` it has answered.
    While it is ``away`` none is let through, and none counted."""

    def __init__(self, application: WSGIApplication, path: str, plan: dict[int, str]) -> None:
        self._application, self._path, self._plan = application, path, plan
        self.asked = self.broken = 0
        self.away = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self.away:
            self._break(environ)
        if not environ["PATH_INFO"].startswith(self._path):
            return self._application(environ, start_response)
        self.asked += 1
        when = self._plan.get(self.asked)
        if when is None:
            return self._application(environ, start_response)
        self.broken += 1
        if when == "after":
            list(self._application(environ, lambda *_: lambda _: None))
        self._break(environ)
        return []

    @staticmethod
    def _break(environ: WSGIEnvironment) -> None:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError


def _whole(application: WSGIApplication) -> WSGIApplication:
    """Answers that are read to the end before they are sent: the server leaves a file open whose reader has gone."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = application(environ, start_response)
        try:
            return list(body)
        finally:
            getattr(body, "close", lambda: None)()

    return answer


@contextmanager
def served(here: Office, line: Callable[[WSGIApplication], WSGIApplication] = lambda whole: whole) -> Iterator[str]:
    """The address at which an office is served while this lasts, over a ``line`` that may be bad."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = make_server("127.0.0.1", 0, _whole(line(build(here.config, here))), threaded=True)
    running = threading.Thread(target=server.serve_forever, daemon=True)
    running.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        running.join(10)
        server.server_close()
