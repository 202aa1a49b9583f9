"""How every client of Kafka connects: protocol, SASL and TLS are settings."""

import ssl
from typing import Any

from aiokafka.helpers import create_ssl_context
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.settings import ServiceSettings


def client_options(settings: ServiceSettings) -> dict[str, Any]:
    """Keyword arguments common to aiokafka's consumer, producer and admin client."""
    options: dict[str, Any] = {"bootstrap_servers": settings.kafka_bootstrap}
    protocol = settings.kafka_security_protocol
    if protocol != "PLAINTEXT":
        options["security_protocol"] = protocol
    if (context := _ssl_context(settings)) is not None:
        options["ssl_context"] = context
    if protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_sasl_username
        options["sasl_plain_password"] = settings.secret("kafka.password")
    return options


def faststream_security(settings: ServiceSettings) -> BaseSecurity | None:
    """The same, as FastStream's broker takes it; `ValueError` for a mechanism unknown to it."""
    context = _ssl_context(settings)
    protocol = settings.kafka_security_protocol
    if not protocol.startswith("SASL"):
        return BaseSecurity(ssl_context=context, use_ssl=True) if context else None
    mechanisms = {
        "PLAIN": SASLPlaintext,
        "SCRAM-SHA-256": SASLScram256,
        "SCRAM-SHA-512": SASLScram512,
    }
    mechanism = mechanisms.get(settings.kafka_sasl_mechanism)
    if mechanism is None:
        raise ValueError(f"mécanisme SASL inconnu : {settings.kafka_sasl_mechanism}")
    return mechanism(
        username=settings.kafka_sasl_username,
        password=settings.secret("kafka.password"),
        ssl_context=context,
        use_ssl=context is not None,
    )


def _ssl_context(settings: ServiceSettings) -> ssl.SSLContext | None:
    if settings.kafka_security_protocol not in {"SSL", "SASL_SSL"}:
        return None
    cafile = str(settings.kafka_ca_file) if settings.kafka_ca_file else None
    context: ssl.SSLContext = create_ssl_context(cafile=cafile)
    return context
