"""What HTTP clients trust: one TLS context for all of a process."""

from __future__ import annotations

import functools
import ssl

import httpx


@functools.cache
def tls_context() -> ssl.SSLContext:
    """httpx's own context, made once: to read the certificates of all authorities takes 30 ms of
    processor time, and each client would do so anew."""
    return httpx.create_ssl_context()
