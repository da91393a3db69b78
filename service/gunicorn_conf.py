"""How gunicorn serves Wahana; every number comes from the settings.

The application is made in each worker, after the fork: connections and threads do not survive one.
"""

import gc
import os
import shutil
import tempfile
from typing import Any

from service.config import read

_config = read()

bind = os.environ.get("WAHANA_BIND", _config.bind)
workers = _config.workers
threads = _config.threads
worker_class = "gthread"
preload_app = False
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 0
limit_request_line = 4094
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - gunicorn's heartbeat file
forwarded_allow_ips = "*" if _config.trusted_proxies else "127.0.0.1"
accesslog = None  # the application logs requests itself, by rule and not by path
wsgi_app = "service.wsgi:app"


def on_starting(server: Any) -> None:
    """Counters of all workers are summed through files in a directory of their own, empty at each start."""
    directory = tempfile.mkdtemp(prefix="wahana-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
    server.metrics_directory = directory


def post_worker_init(worker: Any) -> None:
    """What the application is made of stays for ever: the collector need not go through it again and again."""
    gc.collect()
    gc.freeze()


def child_exit(server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    shutil.rmtree(getattr(server, "metrics_directory", ""), ignore_errors=True)
