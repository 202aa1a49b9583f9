"""The web process: uvicorn on uvloop, bound to loopback; a proxy is in front elsewhere."""

import gc

import uvicorn
from starlette.types import ASGIApp

from shared.web.probes import LOOPBACK

_SECONDS_TO_FINISH = 10


def run(app: ASGIApp, port: int, host: str = LOOPBACK) -> None:
    """Serve `app` until SIGTERM or SIGINT; requests under way have 10 seconds to finish.

    Logs go through the process's own logging; no access log, since addresses may name a person.
    """
    # What is built at start stays: a collection that a large body sets off need not visit it.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    uvicorn.run(
        app,
        host=host,
        port=port,
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
    )
