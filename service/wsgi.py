"""What gunicorn loads: ``gunicorn -c python:service.gunicorn_conf service.wsgi:app``."""

from service import create_app, logs
from service.config import read

_config = read()
logs.install(_config.log_level)
app = create_app(_config)
