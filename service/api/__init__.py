"""The HTTP API. Every blueprint reads what it is sent through the guard: here, so that none can forget it."""

from flask_smorest import Blueprint

from service.api.guard import GuardedParser

Blueprint.ARGUMENTS_PARSER = GuardedParser()
