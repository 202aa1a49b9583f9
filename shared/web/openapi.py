"""One OpenAPI document for the whole origin, from the apps mounted in it."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

_INFO = {
    "title": "Cadran",
    "version": "1",
    "description": "Suivi des postes d'insertion (ETP) déclaration par déclaration.",
}


class SchemaConflictError(RuntimeError):
    """Two apps give one name to two different schemas."""


def merged_openapi(apps: Mapping[str, FastAPI]) -> dict[str, Any]:
    """The document of all `apps`, keyed by where each is mounted (`etp`, `/etp`, or "").

    Raises `SchemaConflictError` when two apps describe one component differently.
    """
    paths: dict[str, Any] = {}
    components: dict[str, dict[str, Any]] = {}
    for mount, app in apps.items():
        document = app.openapi()
        prefix = mount_path(mount)
        paths.update({prefix + path: item for path, item in document.get("paths", {}).items()})
        for kind, members in document.get("components", {}).items():
            known = components.setdefault(kind, {})
            for name, schema in members.items():
                if known.setdefault(name, schema) != schema:
                    raise SchemaConflictError(f"{kind} {name} : deux définitions ({mount})")
    return {"openapi": "3.1.0", "info": _INFO, "paths": paths, "components": components}


def mount_path(mount: str) -> str:
    """`etp` or `/etp/` as `/etp`; "" and "/" as ""."""
    stripped = mount.strip("/")
    return f"/{stripped}" if stripped else ""


def as_text(document: Mapping[str, Any]) -> str:
    """The document as committed: sorted keys, two spaces, a final newline."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
