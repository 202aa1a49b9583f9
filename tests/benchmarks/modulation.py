"""The modulation of the nation: its allocation beside the reading of what it is computed from,
and what its indicators take in time and memory.

The projection is filled by SQL with a nation of the sizes of the ASP's feed: each structure has an
annex a year and 31 contracts at a time, two thirds of them renewed every year.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date

from services.modulation.database import build_database
from services.modulation.domain.allocation.groups import allocate
from services.modulation.exports.indicators import IndicatorRow, indicators
from services.modulation.exports.results import allocatable
from services.modulation.queries.facts import stream_facts
from services.modulation.queries.reads import candidate_structures
from services.modulation.settings import ModulationSettings
from shared.database.reads import LATEST, snapshot
from tests.benchmarks.bench import Bench
from tests.benchmarks.measures import Measure, judge
from tests.homes import PROJECT, TestHome

YEAR, TODAY = 2025, date(2026, 1, 31)

_FILL = (
    """
    INSERT INTO structure (structure_id, revision, withdrawn, insee_code, department)
    SELECT n, 1, false, lpad((1 + n % 95)::text, 2, '0') || '001',
        lpad((1 + n % 95)::text, 2, '0')
    FROM generate_series(1, $1) n
    """,
    """
    INSERT INTO financial_annex_version (amendment_id, source, revision, rank, withdrawn,
        accepted_at, annex_id, structure_id, annex_number, measure, kind, regime, counted, renewal,
        amendment, state, starts_on, ends_on, contracted_etp, hours_base, total_amount,
        cofinanced_amount, department)
    SELECT 10 * n + y - 2023, 'asp', 1, 1, false, now(), 10 * n + y - 2023, n, 'X', k.kind || '_DC',
        k.kind, 'DC', true, 0, 0, 'VALIDE', make_date(y, 1, 1), make_date(y, 12, 31), 20, k.base,
        300000 + n, 30000, lpad((1 + n % 95)::text, 2, '0')
    FROM generate_series(1, $1) n, generate_series(2023, 2025) y,
        LATERAL (SELECT (ARRAY['ACI', 'EI', 'AI', 'ETTI'])[1 + n % 4] AS kind,
            (ARRAY[1820, 1505, 1607, 1600])[1 + n % 4] AS base) k
    """,
    """
    INSERT INTO monthly_state (annex_id, year, month, source, revision, rank, withdrawn,
        accepted_at, validated, contracts, persons, hours)
    SELECT 10 * n + y - 2023, y, m, 'asp', 1, 1, false, now(), true,
        array_agg(1000::bigint * n + 100 * (y - 2023) + c), array_agg(NULL::text),
        array_agg((100 + (n + m + c) % 52)::numeric)
    FROM generate_series(1, $1) n, generate_series(2023, 2025) y, generate_series(1, 12) m,
        generate_series(1, 31) c
    GROUP BY n, y, m
    """,
    """
    INSERT INTO employment (contract_id, source, revision, rank, withdrawn, accepted_at,
        structure_id, person, kind, regime, known, renewal, hired_on, ends_on, rsa, ass, aah)
    SELECT 1000::bigint * n + 100 * (y - 2023) + c, 'asp', 1, 1, false, now(), n,
        md5((1000 * n + CASE WHEN c <= 20 THEN c ELSE 100 * (y - 2023) + c END)::text),
        (ARRAY['ACI', 'EI', 'AI', 'ETTI'])[1 + n % 4], 'DC', true,
        CASE WHEN c <= 20 AND y > 2023 THEN 1 ELSE 0 END, make_date(y, 1, 1 + c % 28),
        make_date(y, 12, 31), CASE WHEN (n * c) % 3 = 0 THEN 'OUI-M' ELSE 'NON' END, false, false
    FROM generate_series(1, $1) n, generate_series(2023, 2025) y, generate_series(1, 31) c
    """,
    """
    INSERT INTO employment_exit (contract_id, source, revision, rank, withdrawn, accepted_at,
        left_on, reason)
    SELECT contract_id, 'asp', 1, 1, false, now(), ends_on,
        CASE WHEN contract_id % 2 = 0 THEN 'INACTIF'
            ELSE 'EMBAUCHE EN CDI NON AIDE PAR UN AUTRE EMPLOYEUR' END
    FROM employment WHERE contract_id % 100 > 20
    """,
    """
    INSERT INTO support_hours (structure_id, kind, year, source, revision, rank, withdrawn,
        accepted_at, technical_hours, support_hours)
    SELECT n, (ARRAY['ACI', 'EI', 'AI', 'ETTI'])[1 + n % 4], 2025, 'asp', 1, 1, false, now(),
        1000 + n % 2000, 500
    FROM generate_series(1, $1) n
    """,
)


def modulation(bench: Bench) -> Iterator[Measure]:
    """Allocation of the nation / the reading of its facts alone; its indicators / that reading;
    memory of the process that makes them."""
    home = bench.home("modulation")
    asyncio.run(_fill(home, bench.scale.nation))
    read, found, shared = [], [], []
    for _ in range(bench.scale.rounds):
        read.append(timed(lambda: asyncio.run(_facts(home))))
        rows: list[IndicatorRow] = []
        found.append(timed(lambda: rows.extend(asyncio.run(_indicators(home)))))  # noqa: B023 - run here
        candidates = allocatable(rows)
        assert len(candidates) == bench.scale.nation
        shared.append(timed(lambda: allocate(candidates)))  # noqa: B023 - run here
    yield judge("allocation of the nation / reading of its facts", "at most", 0.25, shared, read)
    yield judge("indicators of the nation / reading of its facts", "at most", None, found, read)
    peak = _peak(["indicators", str(YEAR), str(home.home.path / "out.csv")], home.environment())
    name = "MiB of `modulation indicators` of the nation / of its help"
    yield judge(name, "at most", None, [peak], [_peak(["--help"], {})])


def timed(work: Callable[[], object]) -> float:
    """Seconds of `work`."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


async def _fill(home: TestHome, structures: int) -> None:
    database = build_database(home.home.settings(ModulationSettings), "bench")
    async with database.connection() as connection:
        for statement in _FILL:
            await connection.execute(statement.replace("$1", str(structures)))
        await connection.execute("ANALYZE")


async def _facts(home: TestHome) -> None:
    database = build_database(home.home.settings(ModulationSettings), "bench")
    async with await database.pool(1) as pool, snapshot(pool) as connection:
        structures = await candidate_structures(connection, LATEST, YEAR, None)
        async for _ in stream_facts(connection, YEAR, structures):
            pass


async def _indicators(home: TestHome) -> list[IndicatorRow]:
    database = build_database(home.home.settings(ModulationSettings), "bench")
    async with await database.pool(1) as pool, snapshot(pool) as connection:
        return await indicators(connection, YEAR, TODAY)


def _peak(arguments: list[str], environment: dict[str, str]) -> float:
    """Largest memory (MiB) of `cadran modulation` with these arguments."""
    program = (
        "import resource, subprocess, sys;"
        "subprocess.run([sys.executable, *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "-m", "cli.main", "modulation", *arguments],
        env={**os.environ, **environment},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout.split()[-1]) / 1024
