"""The API's own description: OpenAPI 3.1 at /openapi.json, and a page that shows it without any outside address."""

from typing import Any

from flask import Flask, Response, jsonify

from service.api.problems import Api


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

    return api


def description(api: Api) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    document: dict[str, Any] = api.spec.to_dict()
    return document
