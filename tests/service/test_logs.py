"""Log lines are JSON, and hold nobody's number and no value from a failing function."""

import json
import logging
import sys

from flask import Flask, g

from service.logs import STRUCK, JsonLine, redacted


def record(message: str, **more: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "wahana", "levelname": "INFO", "msg": message})
    for name, value in more.items():
        setattr(made, name, value)
    return made


def test_a_line_is_json_with_its_fields() -> None:
    line = json.loads(JsonLine().format(record("request", fields={"status": 201})))
    assert line["message"] == "request"
    assert line["status"] == 201


def test_a_nik_or_a_phone_number_is_struck_out_and_an_id_is_not() -> None:
    assert redacted("NIK 7501991234560001") == f"NIK {STRUCK}"
    assert redacted("telepon 081234567890") == f"telepon {STRUCK}"
    assert redacted("01a20a4d-8e22-7f1e-bcca-4d94930b823b") == "01a20a4d-8e22-7f1e-bcca-4d94930b823b"


def test_a_traceback_holds_no_values() -> None:
    def fail(name: str) -> None:
        raise ValueError(f"cannot store {name}")

    try:
        fail("Ibu Rahma")
    except ValueError:
        text = JsonLine().format(record("failed", exc_info=sys.exc_info()))
    assert "Rahma" not in text
    assert "ValueError" in text
    assert "test_logs.py" in text


def test_lines_of_one_request_have_its_number() -> None:
    with Flask(__name__).test_request_context():
        g.request_id = "01a20a4d"
        assert json.loads(JsonLine().format(record("unavailable")))["request_id"] == "01a20a4d"
    assert "request_id" not in json.loads(JsonLine().format(record("sealed")))
