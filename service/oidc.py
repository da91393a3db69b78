"""Signing in at an identity provider (OpenID Connect, code flow with PKCE), where the office has one.

Needs the extra ``wahana[oidc]`` and the settings WAHANA_OIDC_*; nothing of this is imported without them. Only accounts
that exist and were linked with what the provider calls their holder are let in: a provider that is careless about whom
it registers gives nobody a right here.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from service.config import Config
from service.identity import Identity
from service.log.database import Database
from service.oidc_states import States
from service.signin import SecondFactorNeeded, SignInRefused

CALLBACK = "/api/v1/sessions/provider/callback"
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")  # never "none", never one with a shared secret
SECONDS = 5.0
LEEWAY = 60
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class ProviderUnavailable(Exception):
    """The identity provider does not answer, or not as one does."""


class Provider:
    """One identity provider and the client that this office is there. ``now`` gives RFC 3339 UTC text."""

    def __init__(self, config: Config, database: Database, identity: Identity, now: Callable[[], str]) -> None:
        self._config = config
        self._identity = identity
        self._now = now
        self._states = States(database)

    def begin(self) -> tuple[str, str]:
        """The address to send a browser to, and the state to be kept in it until it comes back.

        Raises `ProviderUnavailable`.
        """
        told = self._told()
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        with self._client() as client:
            address, state = client.create_authorization_url(
                told["authorization_endpoint"],
                state=secrets.token_urlsafe(32),
                nonce=nonce,
                code_verifier=verifier,
            )
        self._states.keep(state, nonce, verifier, self._seconds())
        return str(address), str(state)

    def finish(self, code: str, state: str, kept: str, address: str, agent: str) -> str:
        """Open a session for whom the provider vouches; returns its secret. ``kept`` is the state the browser kept.

        Raises `SignInRefused` for anything that is not right about the answer, `SecondFactorNeeded` when the account has
        a second factor that the provider did not ask for, or `ProviderUnavailable`.
        """
        found = self._states.take(state, self._seconds())
        if found is None or not secrets.compare_digest(state.encode(), kept.encode()):
            raise SignInRefused
        nonce, verifier = found
        claims = self._claims(code, verifier, nonce)
        issuer, subject = str(claims["iss"]), str(claims["sub"])
        account = self._identity.means.linked(issuer, subject)
        if account is None or not self._identity.means.vouched(account, issuer, subject):
            raise SignInRefused
        factor = "oidc" if self._second_factor(claims) else ""
        if not factor and self._identity.means.factors.enrolled(account):
            raise SecondFactorNeeded
        return self._identity.admit(account, address, agent=agent, factor=factor, method="oidc")

    def _claims(self, code: str, verifier: str, nonce: str) -> dict[str, Any]:
        told = self._told()
        try:
            with self._client() as client:
                answer = client.fetch_token(told["token_endpoint"], code=code, code_verifier=verifier, timeout=SECONDS)
            keys = KeySet.import_key_set(self._get(told["jwks_uri"]))
            token = jwt.decode(str(answer["id_token"]), keys, algorithms=ALGORITHMS)
            jwt.JWTClaimsRegistry(
                now=self._seconds,
                leeway=LEEWAY,
                iss={"essential": True, "value": self._config.oidc_issuer},
                aud={"essential": True, "value": self._config.oidc_client_id},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(token.claims)
        except requests.RequestException as error:
            raise ProviderUnavailable(type(error).__name__) from error
        except (AuthlibBaseError, JoseError, LookupError, ValueError, TypeError) as error:
            raise SignInRefused from error
        claims: dict[str, Any] = token.claims
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if claims.get("azp", None if several else self._config.oidc_client_id) != self._config.oidc_client_id:
            raise SignInRefused
        return claims

    def _second_factor(self, claims: dict[str, Any]) -> bool:
        wanted = set(self._config.oidc_second_factor.split())
        used = claims.get("amr")
        said = {str(one) for one in used} if isinstance(used, list) else set()
        return bool(wanted & (said | {str(claims.get("acr", ""))}))

    def _client(self) -> OAuth2Session:
        return OAuth2Session(
            self._config.oidc_client_id,
            self._config.oidc_client_secret,
            scope="openid",
            redirect_uri=self._config.base_url.rstrip("/") + CALLBACK,
            code_challenge_method="S256",
        )

    def _told(self) -> dict[str, str]:
        """What the provider says of itself; every address in it as safe as its own."""
        found = self._get(self._config.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration")
        try:
            told = msgspec.convert(
                {key: found[key] for key in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")},
                dict[str, str],
            )
        except (LookupError, TypeError, msgspec.ValidationError) as error:
            raise ProviderUnavailable("not a description of a provider") from error
        if told["issuer"] != self._config.oidc_issuer or not all(map(safe, told.values())):
            raise ProviderUnavailable("the description is another provider's, or leads away from TLS")
        return told

    @staticmethod
    def _get(address: str) -> Any:
        try:
            answer = requests.get(address, timeout=SECONDS, allow_redirects=False)
            answer.raise_for_status()
            return answer.json()
        except requests.RequestException as error:
            raise ProviderUnavailable(type(error).__name__) from error

    def _seconds(self) -> int:
        return int(datetime.fromisoformat(self._now()).timestamp())


def safe(address: str) -> bool:
    """Whether an address is reached over TLS, or on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
