"""How every client of Kafka connects: protocol, SASL and TLS are settings."""

import ssl
from typing import Any

from aiokafka.helpers import create_ssl_context

from shared.settings import ServiceSettings


def client_options(settings: ServiceSettings) -> dict[str, Any]:
    """Keyword arguments common to aiokafka's consumer, producer and admin client."""
    options: dict[str, Any] = {"bootstrap_servers": settings.kafka_bootstrap}
    protocol = settings.kafka_security_protocol
    if protocol != "PLAINTEXT":
        options["security_protocol"] = protocol
    if (context := ssl_context(settings)) is not None:
        options["ssl_context"] = context
    if protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_sasl_username
        options["sasl_plain_password"] = settings.secret("kafka.password")
    return options


def ssl_context(settings: ServiceSettings) -> ssl.SSLContext | None:
    """Of the settings' authority, else of the system's; None without TLS."""
    if settings.kafka_security_protocol not in {"SSL", "SASL_SSL"}:
        return None
    cafile = str(settings.kafka_ca_file) if settings.kafka_ca_file else None
    context: ssl.SSLContext = create_ssl_context(cafile=cafile)
    return context
