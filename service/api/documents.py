"""The API's own description: OpenAPI 3.1 at /openapi.json, a page that shows it without any outside address, and the
rules that problem documents name."""

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, jsonify

from service.api import rules
from service.api.problems import Api

_EVERYWHERE = (400, 401, 413, 503)  # the guard, the sign-in and the log stand in front of every route
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def install(app: Flask) -> Api:
    """Make the API object of ``app`` and the route of its description."""
    app.config.update(
        API_TITLE="Wahana",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
        API_SPEC_OPTIONS={
            "info": {
                "description": "The casebook of a district social affairs office. Every answer names the log position "
                "and the clock at which it is true.",
                "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
            },
            "components": {
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            },
            "security": [{"bearer": []}],
        },
    )
    api = Api(app)
    app.extensions["openapi"] = api

    @app.route("/docs", endpoint="documents.page")
    def page() -> Response:
        return app.send_static_file("docs.html")

    @app.route("/openapi.json", endpoint="documents.openapi")
    def openapi() -> Response:
        return jsonify(description(api))

    @app.route("/docs/rules", endpoint="documents.rules")
    def rules_page() -> Response:
        return Response(rules.page(), content_type="text/html; charset=utf-8")

    return api


def description(api: Api) -> dict[str, Any]:
    """The OpenAPI 3.1 document. What any route may answer is added here, so that none can forget it; every error is a
    problem document, and nothing is left to a ``default`` answer."""
    document: dict[str, Any] = _portable(api.described())
    document.get("components", {}).pop("responses", None)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in ("get", "post", "put", "patch", "delete"):
                _answers(path, method, operation["responses"], "requestBody" in operation)
    return document


def _answers(path: str, method: str, responses: dict[str, Any], has_body: bool) -> None:
    responses.pop("default", None)
    more = {*_EVERYWHERE, *((404,) if "{" in path else ()), *((415,) if has_body else ())}
    for status in [*(int(status) for status in responses if int(status) >= 400), *sorted(more)]:
        described = responses.get(str(status), {})
        text = described.get("description") or HTTPStatus(status).phrase
        responses[str(status)] = {"description": text, "content": _PROBLEM}


def _portable(value: Any) -> Any:
    """Patterns as ECMA-262 writes them, which is what JSON Schema asks for; Python's own anchors are unknown there."""
    if isinstance(value, dict):
        return {
            name: one.replace("\\A", "^").replace("\\Z", "$")
            if name == "pattern" and isinstance(one, str)
            else _portable(one)
            for name, one in value.items()
        }
    return [_portable(one) for one in value] if isinstance(value, list | tuple) else value
