"""Pages and what they load are sent compressed: lines in the villages are slow, and a page of text shrinks to a fifth.

A page holds no token that somebody else's text could be compressed beside (BREACH). Names it may hold; to guess one,
another site would have to open a page of ours again and again before the eyes of whoever is signed in, and measure it on
the wire.
"""

import functools
import gzip
import re

from flask import Response, request

_TYPES = (
    "text/html",
    "text/css",
    "text/javascript",
    "application/javascript",
    "image/svg+xml",
    "application/manifest+json",
)
_LEAST = 600
#: Lines of nothing but a comment: they are for whoever reads the source, and an eighth of what a phone would load.
_REMARKS = re.compile(rb"^[ \t]*(//.*|/\*([^*]|\*(?!/))*\*/)\n", re.MULTILINE)


def compressed(response: Response) -> Response:
    """The response, compressed when whoever asks can read that and it is worth it."""
    if "Vary" in response.headers:
        response.vary.add("Accept-Encoding")
    else:  # an answer of the API has none, and a set of names made of nothing costs time
        response.headers.add("Vary", "Accept-Encoding")
    wanted = "gzip" in request.headers.get("Accept-Encoding", "") and response.mimetype in _TYPES
    if not wanted or response.status_code != 200 or response.headers.get("Content-Encoding"):
        return response
    if response.direct_passthrough:  # a file of ours
        response.direct_passthrough = False
        opened, plain = response.response, response.get_data()
        opened.close()  # type: ignore[union-attr]  # a file, where nothing was streamed
        ours = response.mimetype == "text/javascript" and "/vendor/" not in request.path
        packed = _file(_REMARKS.sub(b"", plain) if ours else plain)
    else:
        plain = response.get_data()
        if len(plain) < _LEAST:
            return response
        kept = "immutable" in response.headers.get("Cache-Control", "")
        packed = _file(plain) if kept else gzip.compress(plain, 5)
    response.set_data(packed)
    response.headers["Content-Encoding"] = "gzip"
    return response


@functools.lru_cache(maxsize=64)
def _file(plain: bytes) -> bytes:
    return gzip.compress(plain, 9)
