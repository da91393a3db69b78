# Wahana in a container: no shell is needed, no root, and the root file system may be read-only.
# The base needs Python 3.11 or newer with venv: docker build --build-arg PYTHON_IMAGE=... .
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements/build.lock requirements/run.lock requirements/
# pip and the build tools stay in /tools; /opt/wahana gets what runs, and no pip.
RUN python3 -m venv /tools \
 && /tools/bin/pip install --quiet --require-hashes --no-deps --only-binary :all: --requirement requirements/build.lock \
 && python3 -m venv --without-pip /opt/wahana \
 && /tools/bin/pip --python /opt/wahana/bin/python install --quiet --require-hashes --no-deps --only-binary :all: \
      --requirement requirements/run.lock
COPY pyproject.toml README.md LICENSE ./
COPY domain domain
COPY projections projections
COPY service service
RUN /tools/bin/pip wheel --quiet --no-deps --no-index --no-build-isolation --wheel-dir /wheel . \
 && /tools/bin/pip --python /opt/wahana/bin/python install --quiet --no-deps --no-index --no-compile /wheel/*.whl \
 && /opt/wahana/bin/python -m compileall -q /opt/wahana/lib

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 wahana \
 && useradd --uid 10001 --gid 10001 --home-dir /var/lib/wahana --no-create-home --shell /usr/sbin/nologin wahana \
 && install -d -o 10001 -g 10001 -m 0700 /var/lib/wahana \
 && install -d /srv/wahana \
 && ln -s /var/lib/wahana /srv/wahana/var \
 && rm -rf /usr/local/lib/python3*/site-packages/pip* /usr/local/bin/pip*
COPY --from=build /opt/wahana /opt/wahana
ENV PATH=/opt/wahana/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WAHANA_BIND=0.0.0.0:8000
USER 10001:10001
# The defaults (sqlite:///var/wahana.db, sqlite:///var/keys.db) thus lie in the volume.
WORKDIR /srv/wahana
VOLUME /var/lib/wahana
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["wahana"]
CMD ["serve"]
