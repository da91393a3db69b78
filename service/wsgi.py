"""What gunicorn loads: ``gunicorn -c python:service.gunicorn_conf service.wsgi:app``."""

from service import create_app

app = create_app()
