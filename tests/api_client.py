"""A read API as tests ask it."""

from datetime import UTC, datetime
from typing import Any

import httpx

from shared.auth.keys import load_signing_key
from shared.auth.roles import Principal, Role
from shared.auth.tokens import sign
from tests.homes import TestHome

NATION = Principal(Role.DGEFP)


class Api:
    """A client that signs its own tokens."""

    def __init__(self, client: httpx.AsyncClient, home: TestHome) -> None:
        self._client = client
        self._key = load_signing_key(home.home.secrets)

    async def get(
        self, path: str, principal: Principal | None = NATION, **parameters: Any
    ) -> httpx.Response:
        """The answer to a request of `principal`; `headers` and query parameters by name."""
        headers = parameters.pop("headers", {})
        if principal is not None:
            headers["Authorization"] = f"Bearer {sign(principal, self._key, datetime.now(UTC))}"
        return await self._client.get(path, params=parameters, headers=headers)

    async def items(self, path: str, principal: Principal = NATION, **parameters: Any) -> Any:
        """Every item of a list."""
        answer = await self.get(path, principal, **{"size": 1000, **parameters})
        assert answer.status_code == 200, answer.text
        document = answer.json()
        assert document["total"] == len(document["items"])
        return document["items"]
