"""Free loopback ports, below those that the system lends to outgoing connections.

A server that comes back after a kill then finds its former port free.
"""

import random
import socket

from deploy.local.errors import StackError

LOOPBACK = "127.0.0.1"
_FIRST, _LAST, _TRIES = 17_000, 31_999, 200


def is_free(port: int) -> bool:
    """Can a server listen on that loopback port now?"""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def choose(former: int = 0, wanted: str | None = None) -> int:
    """Port `wanted` if set (`StackError` when taken), else `former` if free, else a free one."""
    if wanted:
        if not wanted.isdecimal() or not is_free(int(wanted)):
            raise StackError(f"le port demandé, {wanted}, n'est pas libre")
        return int(wanted)
    if former and is_free(former):
        return former
    for port in random.sample(range(_FIRST, _LAST), _TRIES):
        if is_free(port):
            return port
    raise StackError("aucun port libre sur cette machine")
