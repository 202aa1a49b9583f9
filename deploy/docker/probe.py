"""`python -m deploy.docker.probe URL`: a container's health check; exit 1 unless 200 answers."""

import http.client
import sys
from urllib.parse import urlsplit


def main(arguments: list[str]) -> int:
    """0 when the one address named answers 200 within five seconds."""
    address = urlsplit(arguments[0])
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
    try:
        connection.request("GET", address.path)
        return 0 if connection.getresponse().status == http.client.OK else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
