"""Ports of a stack: kept when they can be, refused when the one asked for is taken."""

import socket

import pytest

from deploy.local.errors import StackError
from deploy.local.ports import LOOPBACK, choose, is_free


def test_the_former_port_comes_back_when_it_is_free() -> None:
    port = choose()
    assert choose(former=port) == port
    with socket.create_server((LOOPBACK, port)):
        assert not is_free(port)
        assert choose(former=port) != port


def test_a_port_that_was_asked_for_must_be_free() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        taken = str(server.getsockname()[1])
        with pytest.raises(StackError, match=taken):
            choose(wanted=taken)
    with pytest.raises(StackError, match="web"):
        choose(wanted="web")


def test_ports_are_below_those_lent_to_outgoing_connections() -> None:
    assert 1024 < choose() < 32_768
