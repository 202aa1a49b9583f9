#!/usr/bin/env bash
# Installs all that the targets of the Makefile need, once; `make setup` calls it.
# As root on Debian it gets what the machine lacks by apt-get; else it prints the command for
# the person and exits 3. Nothing is fetched twice: each step leaves a stamp in .setup.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly stamps=.setup venv=.venv kafka=.setup/kafka
mkdir -p "$stamps"
exec 9>"$stamps/lock"
flock 9 2>/dev/null || true

# --- What each step depends on; the folder counts, since a virtual environment cannot be moved.
fingerprint() { { pwd; cat "$@"; } | sha256sum | cut -c1-64; }
done_already() { [[ -f "$stamps/$1.stamp" && "$(<"$stamps/$1.stamp")" == "$2" ]]; }
mark_done() { printf '%s' "$2" >"$stamps/$1.stamp"; }

has_postgres() {
    local folder
    for folder in /usr/lib/postgresql/*/bin "$(dirname "$(command -v postgres || echo /none/x)")"; do
        [[ -x "$folder/initdb" && -x "$folder/postgres" ]] || continue
        (($("$folder/postgres" --version | sed -E 's/^[^)]*\) ([0-9]+).*/\1/') >= 15)) && return 0
    done
    return 1
}
has_java() {
    local version
    version=$({ "${JAVA_HOME:+$JAVA_HOME/bin/}java" -version; } 2>&1 | sed -nE 's/.*version "([0-9]+).*/\1/p')
    [[ -n "$version" ]] && ((version >= 17))
}
has_python() {
    "${PYTHON:-python3}" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}
has_maven() { command -v mvn >/dev/null; }

# --- 1. Programs of the system.
install_programs() {
    local missing=() ask_postgres=false
    has_python || missing+=(python3 python3-venv)
    has_java || missing+=(default-jre-headless)
    has_maven || missing+=(maven)
    if ! has_postgres; then
        if [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
            ask_postgres=true
        fi
    fi
    if ((${#missing[@]} == 0)) && ! $ask_postgres; then
        return
    fi
    if [[ $EUID -ne 0 ]] || ! command -v apt-get >/dev/null; then
        echo "Il manque à cette machine : ${missing[*]}. Sous Debian ou Ubuntu, lancez :" >&2
        echo "    sudo apt-get update && sudo apt-get install --yes ${missing[*]}" >&2
        exit 3
    fi
    echo "Installation de ${missing[*]}$($ask_postgres && echo " postgresql")…" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    if ((${#missing[@]})); then
        apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null
    fi
    if $ask_postgres; then
        # Its programs only: Debian would otherwise make a cluster of its own and start it.
        apt-get install -qq --yes --no-install-recommends postgresql-common >/dev/null
        local conf=/etc/postgresql-common/createcluster.conf
        cp -p "$conf" "$conf.cadran"
        echo "create_main_cluster = false" >>"$conf"
        apt-get install -qq --yes --no-install-recommends postgresql >/dev/null
        mv "$conf.cadran" "$conf"
    fi
    for need in python java maven; do
        if ! "has_$need"; then
            echo "Cette machine n'offre pas de version assez récente de $need." >&2
            exit 3
        fi
    done
}

# --- 2. The virtual environment, with hashes; PostgreSQL's wheel only where the system has none.
install_python() {
    echo "Environnement Python…" >&2
    # One that was made elsewhere and moved here has the wrong paths inside.
    if ! grep -qsF "$PWD/$venv/" "$venv/bin/pip"; then
        rm -rf "$venv"
        "${PYTHON:-python3}" -m venv "$venv"
    fi
    local pip=("$venv/bin/python" -m pip --disable-pip-version-check --quiet install)
    "${pip[@]}" --require-hashes --requirement requirements.lock
    if ! has_postgres; then
        "${pip[@]}" --require-hashes --requirement requirements-postgres.lock
    fi
    "${pip[@]}" --no-deps --no-build-isolation --editable .
}

# --- 3. Apache Kafka's jars, by Maven.
install_kafka() {
    echo "Apache Kafka…" >&2
    rm -rf "$kafka.new"
    mvn --quiet --batch-mode -Dstyle.color=never --no-transfer-progress --file deploy/local/pom.xml \
        dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$PWD/$kafka.new"
    rm -rf "$kafka"
    mv "$kafka.new" "$kafka"
}

python_inputs=$(fingerprint requirements.lock requirements-postgres.lock pyproject.toml)
kafka_inputs=$(fingerprint deploy/local/pom.xml)
python_ready() { done_already python "$python_inputs" && [[ -x "$venv/bin/cadran" ]]; }
kafka_ready() { done_already kafka "$kafka_inputs" && compgen -G "$kafka/kafka_*.jar" >/dev/null; }

if python_ready && kafka_ready; then
    exit 0
fi
install_programs
if ! python_ready; then
    install_python
    mark_done python "$python_inputs"
fi
if ! kafka_ready; then
    install_kafka
    mark_done kafka "$kafka_inputs"
fi
