"""Probes: 200 when fine, 503 with the reason, and the metrics."""

import socket

import httpx
import pytest
from prometheus_client import CollectorRegistry

from shared.auth.routes import describe
from shared.telemetry.metrics import build_metrics
from shared.web.probes import Check, Probe, probe_app, serve_probes


def probe(live: Check = lambda: None, ready: Check = lambda: None) -> Probe:
    registry = CollectorRegistry()
    build_metrics(registry).outbox_rows.labels("etp").set(3)
    return Probe(live, ready, registry)


def client_of(made: Probe) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(probe_app(made))
    return httpx.AsyncClient(transport=transport, base_url="http://cadran.test")


async def slow_reason() -> str | None:
    return "base de données injoignable"


async def test_all_is_well() -> None:
    async with client_of(probe()) as client:
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).json() == {"status": "ok"}


@pytest.mark.parametrize("check", [lambda: "base de données injoignable", slow_reason])
async def test_what_is_wrong_is_503_with_the_reason(check: Check) -> None:
    async with client_of(probe(live=check, ready=check)) as client:
        for path, code in (("/livez", "not-live"), ("/readyz", "not-ready")):
            answer = await client.get(path)
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == code
            assert answer.json()["detail"] == "base de données injoignable"


async def test_liveness_and_readiness_are_apart() -> None:
    async with client_of(probe(ready=lambda: "en attente de Kafka")) as client:
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503


async def test_metrics_are_those_of_the_registry() -> None:
    async with client_of(probe()) as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'cadran_outbox_rows{service="etp"} 3.0' in answer.text


def test_probes_are_declared_public() -> None:
    assert [tuple(route) for route in describe(probe_app(probe()))] == [
        ("GET", "/livez", "public"),
        ("GET", "/metrics", "public"),
        ("GET", "/readyz", "public"),
    ]


async def test_served_on_loopback_in_the_running_loop_then_closed() -> None:
    async with serve_probes(probe_app(probe())) as port:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{port}/livez")
        assert answer.status_code == 200
        with pytest.raises(OSError, match="in use"):
            socket.create_server(("127.0.0.1", port))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


async def test_a_taken_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        served = serve_probes(probe_app(probe()), taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            await served.__aenter__()
