"""Commands over HTTP: one frame for every route that records something.

A route is a rule, a schema and a method of an aggregate. The frame checks who asks, seals what is personal, calls the
method, records, and answers with what was recorded. A field of the schema, the method's argument and the event's field
have the same name, so the schema's marks (`service.api.fields`) decide what goes into the vault.
"""

import inspect
from collections.abc import Callable
from typing import Any

import marshmallow as ma
import msgspec
from flask import Request, Response
from flask.views import MethodView
from flask_smorest import Blueprint

from domain.aggregate import Aggregate
from service.api import rights
from service.api.answers import described, may_refuse
from service.api.current import office, this_request
from service.api.current import principal as asking
from service.api.fields import Schema
from service.api.form import Denied, Form, fit, plain
from service.api.problems import problem
from service.casebook import Answer, Command, Decision
from service.log.ids import is_id, new_id
from service.log.notes import b64
from service.office import Office
from service.reach import Principal, scope
from service.receipts import Receipts

__all__ = ["COMMANDS", "Denied", "Form", "Noun", "Route"]


class RecordedSchema(ma.Schema):
    id = ma.fields.String()
    stream = ma.fields.String()
    version = ma.fields.Integer()
    topic = ma.fields.String()
    position = ma.fields.Integer()
    leaf = ma.fields.String(metadata={"description": "Leaf hash of the event's text, base64"})


class AnswerSchema(ma.Schema):
    """What was recorded: the command's id, the stream it was about and its version, every event with its position and leaf
    hash, and the receipt: a signed note, the same however often the command is sent."""

    command = ma.fields.String()
    id = ma.fields.String()
    version = ma.fields.Integer()
    position = ma.fields.Integer()
    recorded = ma.fields.String()
    events = ma.fields.List(ma.fields.Nested(RecordedSchema))
    receipt = ma.fields.String()


Handler = Callable[..., str]


class Route(msgspec.Struct, frozen=True):
    """One command: its name in the log, the schema of its body, the handler ``(form, **url) -> stream``, and the actions of
    which one must be allowed."""

    name: str
    schema: Schema
    handler: Handler
    actions: tuple[str, ...]


COMMANDS: dict[str, Route] = {}
RULES: set[str] = set()  # their rules, as `flask.Request.url_rule` tells them


class Noun:
    """The commands of one aggregate. ``action`` is the policy's name for recording about it."""

    def __init__(self, blueprint: Blueprint, aggregate: type[Aggregate], action: str) -> None:
        self.blueprint = blueprint
        self.aggregate = aggregate
        self.action = action

    def simple(
        self,
        rule: str,
        method: str,
        schema: type[Schema],
        *,
        action: str | None = None,
        subject: Callable[[Any], str] = lambda aggregate: str(aggregate.id),
    ) -> None:
        """A route that loads the aggregate named by ``<stream>`` and calls one of its methods with the sent fields.

        The method's ``by`` gets the account; its ``evidence`` the papers.
        """
        function = getattr(self.aggregate, method)
        expected = inspect.signature(function).parameters

        def handle(form: Form, stream: str) -> str:
            aggregate = form.load(self.aggregate, stream)
            form.require(action or self.action, village=aggregate.village, worker=getattr(aggregate, "worker", None))
            arguments = form.fill(subject(aggregate), strict=aggregate.strict)
            arguments["on"] = form.on
            # What a rule must know of a value that was sealed: passed to decide with, never stored.
            arguments.update({f"open_{n}": v for n, v in form.data.items() if f"open_{n}" in expected})
            if "by" in expected:
                arguments["by"] = form.account
            if "evidence" in expected:
                arguments["evidence"] = form.evidence(stream)
            getattr(aggregate, method)(**fit(function, arguments))
            return stream

        handle.__doc__ = inspect.getdoc(function)
        self.route(rule, schema, f"{self.aggregate.NOUN}.{method}", action=action or self.action)(handle)

    def route(
        self, rule: str, schema: type[Schema], name: str, *, action: str | tuple[str, ...] = ()
    ) -> Callable[[Handler], Handler]:
        """Register a handler ``(form, **url) -> stream`` under a rule; ``name`` is the command's name in the log.

        ``action`` is the policy's name for it (the noun's when left out), or several of which one must reach something:
        whoever may do none of them is refused before anything is looked at.
        """
        actions = (action,) if isinstance(action, str) else action or (self.action,)
        rights.declare("POST", self.blueprint, rule, *actions)
        RULES.add(f"{self.blueprint.url_prefix or ''}{rule}")

        def register(handler: Handler) -> Handler:
            route = Route(name, schema(), handler, actions)
            if COMMANDS.setdefault(name, route) is not route:
                raise TypeError(f"the command {name} has two routes")

            def post(view: MethodView, **url: str) -> Any:
                return run(route, url)

            post.__doc__ = (inspect.getdoc(handler) or name).replace("``", "`")
            post = _documented(self.blueprint, route.schema)(post)
            self.blueprint.route(rule)(type(name.replace(".", "_"), (MethodView,), {"post": post}))
            return handler

        return register


def _documented(blueprint: Blueprint, schema: Schema) -> Callable[[Any], Any]:
    headers = {
        "ETag": {"description": "The stream's version", "schema": {"type": "string"}},
        "Wahana-Position": {"description": "Position of the last event", "schema": {"type": "integer"}},
    }
    parameters = [
        {
            "in": "header",
            "name": "Idempotency-Key",
            "schema": {"type": "string", "format": "uuid"},
            "description": "The command's id, made by the client. The same id again gets the same answer.",
        },
        {
            "in": "header",
            "name": "If-Match",
            "schema": {"type": "string"},
            "description": "The version that was seen, as an ETag; refused only when something that matters came since.",
        },
    ]

    return described(
        blueprint.response(201, AnswerSchema, headers=headers),
        blueprint.arguments(schema),
        may_refuse(blueprint, (400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503)),
        blueprint.doc(parameters=parameters),
    )


def _seen_version(sent: Request) -> int | None:
    header = sent.headers.get("If-Match")
    if header is None or header == "*":
        return None
    text = header.strip().removeprefix('"').removesuffix('"')
    if not text.isdecimal() or len(text) > 15:
        raise ma.ValidationError({"If-Match": ["Bukan nomor versi."]})
    return int(text)


def command_of(
    route: Route,
    data: dict[str, Any],
    url: dict[str, str],
    principal: Principal,
    here: Office,
    key: str,
    base: int | None,
) -> Command:
    """The command that was asked for. Its fingerprint covers the route, what it is about and every field sent."""
    asked = msgspec.json.encode([route.name, url, plain(data)], order="sorted")
    device_time = data.get("device_time")
    return Command(
        id=key or new_id(),
        fresh=not key,
        name=route.name,
        account=principal.account,
        post=principal.post,
        source=data.get("source", "api"),
        fingerprint=here.tokens.fingerprint(asked),
        stream=url.get("stream"),
        base=base,
        performed_by=data.get("performed_by"),
        device=data.get("device"),
        device_time=device_time.isoformat() if device_time else None,
    )


def execute(
    route: Route,
    data: dict[str, Any],
    url: dict[str, str],
    principal: Principal,
    here: Office,
    *,
    key: str = "",
    base: int | None = None,
) -> tuple[Answer, str]:
    """Record one command; returns its answer and the stream it was about.

    ``key`` is the command's id and ``base`` the version that was seen, when the client sent them. Raises `Denied`,
    ``ValidationError`` and the domain's refusals.
    """
    if all(scope(principal, action).empty for action in route.actions):
        raise Denied
    if data.get("on") is not None and data["on"] > here.today():
        raise ma.ValidationError({"on": ["Tanggal kejadian tidak boleh di masa depan."]})
    command = command_of(route, data, url, principal, here, key, base)
    about: list[str] = []

    def decide(decision: Decision) -> None:
        about[:] = [route.handler(Form(route.schema, dict(data), principal, here, decision, base), **url)]

    answer = here.casebook.record(command, decide)
    # Of a command that another request recorded meanwhile, what was decided here came to nothing.
    return answer, answer.events[0].stream if answer.repeated else about[0]


def run(route: Route, url: dict[str, str]) -> Any:
    """Decide and record the command of this request, and answer it."""
    here, sent = office(), this_request()
    try:
        data = route.schema.load(sent.get_json() if sent.get_data() else {})
        key = sent.headers.get("Idempotency-Key", "").strip().lower()
        if key and not is_id(key):
            raise ma.ValidationError({"Idempotency-Key": ["Bukan nomor catatan."]})
        answer, stream = execute(route, data, url, asking(), here, key=key, base=_seen_version(sent))
    except Denied as denied:
        errors = {"json": denied.errors} if denied.errors else None
        return problem(**{**denied.told, "errors": errors})
    except ma.ValidationError as error:
        return problem(422, detail="Isian tidak sah.", errors={"json": error.messages})
    body = rendered(answer, stream, here.receipts)
    headers = {"ETag": f'"{body["version"]}"', "Wahana-Position": str(answer.position)}
    if answer.repeated:
        headers["Idempotent-Replayed"] = "true"
    # Written out at once: the schema describes the answer, passing it through once more would only cost time.
    return Response(msgspec.json.encode(body), 201, headers=headers, content_type="application/json")


def rendered(answer: Answer, stream: str, receipts: Receipts) -> dict[str, Any]:
    """An answer as JSON values; ``version`` is that of the stream the command was about."""
    versions = [event.version for event in answer.events if event.stream == stream]
    return {
        "command": answer.command,
        "id": stream,
        "version": versions[-1] if versions else answer.events[-1].version,
        "position": answer.position,
        "recorded": answer.recorded,
        "events": [msgspec.structs.asdict(event) | {"leaf": b64(event.leaf)} for event in answer.events],
        "receipt": receipts.note(answer),
    }
