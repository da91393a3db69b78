"""An identity provider on this machine: hands out codes, checks what a client must show for them, signs who it was."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "wahana-uji", "rahasia-klien-uji"


class IdentityProvider:
    """What it claims of whoever signs in there, and what goes wrong, the test says."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.issuer = f"http://127.0.0.1:{server.server_port}"
        self.key = RSAKey.generate_key(2048, {"kid": "k1"}, auto_kid=False)
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {}  # more, or other ones; None leaves one out
        self.signed_with: RSAKey = self.key
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "k1"}
        self.told: dict[str, str] = {}
        self.asked: list[str] = []

    def agree(self, address: str, subject: str = "5f2c9a") -> dict[str, str]:
        """What a person's browser comes back with after she signed in here."""
        query = {key: one for key, (one, *_) in parse_qs(urlsplit(address).query).items()}
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**query, "subject": subject}
        return {"code": code, "state": query["state"]}

    def description(self) -> dict[str, str]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.told,
        }

    def token(self, body: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(body.get("code", ""), None)
        shown = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(body.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or shown != f"{CLIENT}:{SECRET}"
            or asked["redirect_uri"] != body.get("redirect_uri")
            or asked["code_challenge"] != challenge.decode().rstrip("=")
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": asked["subject"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        text = jwt.encode(self.header, claims, self.signed_with, algorithms=["RS256", "HS256"])
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": text}


@contextmanager
def running() -> Iterator[IdentityProvider]:
    """A provider that answers until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self, status: int, body: Any) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_GET(self) -> None:
            provider.asked.append(self.path)
            if self.path == "/.well-known/openid-configuration":
                self.answer(200, provider.description())
            elif self.path == "/keys":
                self.answer(200, {"keys": [provider.key.as_dict(private=False, use="sig", alg="RS256")]})
            else:
                self.answer(404, {})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            body = {key: one for key, (one, *_) in parse_qs(text).items()}
            self.answer(*provider.token(body, self.headers.get("Authorization", "")))

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = IdentityProvider(server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
