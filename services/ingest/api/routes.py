"""The routes of `ingest` together, and the models that they name by reference."""

from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel

from services.ingest.api import declarations, feeds, submissions, tokens
from services.ingest.api.models import DeclarationDocument, RefusedReceiptDocument

MODELS: Final[tuple[type[BaseModel], ...]] = (
    DeclarationDocument,
    RefusedReceiptDocument,
    tokens.TokenRequestDocument,
)

router = APIRouter(prefix="/v1")
router.include_router(declarations.router)
router.include_router(feeds.router)
router.include_router(submissions.router)
router.include_router(tokens.router)
