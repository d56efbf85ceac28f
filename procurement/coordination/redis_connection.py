"""Connections to the shared Redis."""

from functools import cache

import redis

ANSWER_SECONDS = 0.5
"""A Redis that takes longer is away."""


@cache
def connect(url: str) -> "redis.Redis":
    """One pool of connections for each process."""
    return redis.Redis.from_url(
        url,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        decode_responses=True,
        retry=None,
    )
