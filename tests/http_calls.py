"""Single HTTP requests: `httpx.get` and the like, without a TLS context of their own each time,
which takes 30 ms of processor time."""

from __future__ import annotations

from functools import partial

import httpx

NO_TLS = httpx.create_ssl_context(verify=False)
"""For clients that only talk to servers of these tests, over plain HTTP."""

get = partial(httpx.get, verify=NO_TLS, trust_env=False)
post = partial(httpx.post, verify=NO_TLS, trust_env=False)
put = partial(httpx.put, verify=NO_TLS, trust_env=False)
delete = partial(httpx.delete, verify=NO_TLS, trust_env=False)
