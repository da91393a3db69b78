"""A small proxy before PostgreSQL that cuts the connection around the append statement, where it hurts most."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

MARK = b" append_event"  # of either statement that appends
READY = b"Z\x00\x00\x00\x05I"  # ReadyForQuery, idle: the statement is committed
# The notice of an immediate shutdown (57P02).
QUICKDIE = b"N\x00\x00\x00\x24SWARNING\x00VWARNING\x00C57P02\x00Mgone\x00\x00"
BEFORE = "before the statement reaches the server"
DURING = "while the server works"
AFTER = "after COMMIT, before the answer comes back"


class CuttingProxy:
    """Listens on loopback, or as a socket in ``folder``, and forwards to the server of ``url``. ``arm`` cuts the next
    append; ``away`` refuses all."""

    def __init__(self, url: str, folder: str = "") -> None:
        given = conninfo_to_dict(url)
        host, port = str(given.get("host") or "127.0.0.1"), int(given.get("port") or 5432)
        self._server: tuple[str, int] | str = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)
        if folder:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(f"{folder}/.s.PGSQL.5432")
            self._listener.listen()
        else:
            self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._armed: list[str] = []
        self.away = False
        self.cuts = 0
        who = quote(str(given["user"])) + (f":{quote(str(given['password']))}" if given.get("password") else "")
        options = f"&options={quote(str(given['options']))}" if given.get("options") else ""
        where = "" if folder else f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = (
            f"postgresql://{who}@{where}/{given['dbname']}?sslmode=disable&gssencmode=disable{options}"
            f"{f'&host={folder}' if folder else ''}"
        )

    def arm(self, *when: str) -> None:
        """Cut the connection at the next appends, each ``BEFORE``, ``DURING`` or ``AFTER``."""
        self._armed = list(when)

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def crash(self) -> None:
        """Break off every connection as a server does that goes down at once."""
        for client in self._open[::2]:
            with contextlib.suppress(OSError):
                client.sendall(QUICKDIE)
        self._cut(*self._open)

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._cut(*self._open)
        for thread in self._threads:
            thread.join(5)

    def _run(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]  # bound methods
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.away:
                self._cut(client)
                continue
            server = socket.socket(socket.AF_UNIX if isinstance(self._server, str) else socket.AF_INET)
            server.connect(self._server)
            self._open += [client, server]
            answers = threading.Event()
            self._run(self._to_server, client, server, answers)
            self._run(self._to_client, client, server, answers)

    def _to_server(self, client: socket.socket, server: socket.socket, withhold: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 20):
                if self._armed and MARK in data:
                    when = self._armed.pop(0)
                    self.cuts += 1
                    if when == AFTER:
                        withhold.set()
                    elif when == DURING:
                        server.sendall(data)
                        break
                    else:
                        break
                server.sendall(data)
        if not withhold.is_set():
            self._cut(client, server)

    def _to_client(self, client: socket.socket, server: socket.socket, withhold: threading.Event) -> None:
        withheld = b""
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 20):
                if withhold.is_set():
                    withheld += data
                    if READY in withheld:
                        break
                    continue
                client.sendall(data)
        self._cut(client, server)

    @staticmethod
    def _cut(*sockets: socket.socket) -> None:
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
