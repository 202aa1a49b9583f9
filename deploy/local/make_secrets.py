"""`python -m deploy.local.make_secrets FOLDER`: the secret files that a container stack lacks."""

import sys
from pathlib import Path

from deploy.local.home import make_secrets


def main(arguments: list[str]) -> None:
    """Make the secrets in the one folder named, which exists."""
    (folder,) = arguments
    make_secrets(Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
