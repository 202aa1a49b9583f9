"""The read API of `etp`: the figures of the exports, within the caller's scope, and what they are
made of."""

from fastapi import APIRouter

from services.etp.api import explanations, routes

__all__ = ["router"]

router = APIRouter()
router.include_router(routes.router)
router.include_router(explanations.router)
