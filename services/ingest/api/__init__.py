"""The HTTP doors of `ingest`: declarations, deliveries of the feed, receipts, tokens of clients."""

from services.ingest.api.routes import MODELS, router

__all__ = ["MODELS", "router"]
