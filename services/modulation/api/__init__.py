"""The read API of `modulation`: figures of the exports, within the caller's scope."""

from fastapi import APIRouter

from services.modulation.api import routes, shares

router = APIRouter()
router.include_router(routes.router)
router.include_router(shares.router)

__all__ = ["router"]
