"""The web process, run for real: it answers on loopback and ends on SIGTERM."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
import stamina

PROGRAM = """
import sys
from shared.auth.routes import seal
from shared.web.app import create_web_app
from shared.web.server import run
run(seal(create_web_app("Essai", "Essai")), int(sys.argv[1]))
"""


@pytest.fixture
def served() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(port)])
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def test_it_answers_then_ends_on_sigterm(served: tuple[subprocess.Popen[bytes], str]) -> None:
    process, url = served
    refused = httpx.ConnectError
    for attempt in stamina.retry_context(refused, attempts=200, timeout=30, wait_max=0.2):
        with attempt:
            answer = httpx.get(f"{url}/v1/openapi.json")
    assert answer.json()["info"]["title"] == "Essai"
    assert "server" not in answer.headers
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) in {0, -signal.SIGTERM}
