"""The read API of `etp`: the figures of the exports, within the caller's scope."""

from services.etp.api.routes import router

__all__ = ["router"]
