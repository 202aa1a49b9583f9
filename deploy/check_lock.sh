#!/usr/bin/env bash
# Are the lock files what pyproject.toml asks for? Resolves them anew from the pins that they
# hold, in a copy, and compares: nothing is changed. With `--write`, replaces them.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
draft=$(mktemp -d)
trap 'rm -rf "$draft"' EXIT

compile() {
    local lock=$1
    shift
    cp "$lock" "$draft/$lock" 2>/dev/null || true
    .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links --output-file "$draft/$lock" "$@"
}

compile requirements.lock --extra dev pyproject.toml
compile requirements-postgres.lock --python-version 3.11 deploy/requirements-postgres.in
for lock in requirements.lock requirements-postgres.lock; do
    if [[ "${1:-}" == --write ]]; then
        cp "$draft/$lock" "$lock"
    elif ! cmp --silent "$lock" "$draft/$lock"; then
        echo "$lock n'est pas à jour : lancez « deploy/check_lock.sh --write »." >&2
        exit 1
    fi
done
