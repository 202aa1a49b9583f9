"""Numbers and names that look right to a program and cannot belong to anybody."""

from shared.testing.sample.seeding import stream

NIR_YEARS = 45
NIR_SPACE = 2 * NIR_YEARS * 12 * 1_000_000
"""How many NIR there are: sex, year (60–04), impossible month (31–42), commune and order."""
PERSONS_PER_STRUCTURE = 100_000
NIR_STRIDE = 982_451_653
"""A prime that does not divide `NIR_SPACE`: persons who follow one another get far NIR."""

ADJECTIVES = ("IMAGINAIRE", "FICTIF", "D'ESSAI", "DE PAPIER", "INVENTÉ", "DE SYNTHÈSE")
TRADES = ("CHANTIER", "ATELIER", "JARDIN", "RELAIS", "COMPTOIR", "FOURNIL", "GARAGE", "VERGER")


def luhn_key(digits: str) -> str:
    """The digit that makes `digits` followed by it pass Luhn's check."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def siret(number: int) -> str:
    """The SIRET of structure `number`: a SIREN beginning 99, establishment 0001, right keys."""
    siren = f"99{number:06d}"
    establishment = f"{siren}{luhn_key(siren)}0001"
    return establishment + luhn_key(establishment)


def structure_name(seed: int, number: int) -> str:
    """A name that is plainly invented, with the structure's number in it."""
    rng = stream(seed, "name", number)
    trade = TRADES[int(rng.random() * len(TRADES))]
    adjective = ADJECTIVES[int(rng.random() * len(ADJECTIVES))]
    return f"{trade} {adjective} {number:04d}"


def nir(person: int) -> tuple[str, str, int]:
    """The 13 characters of a person's NIR, its key, and the birth year it tells.

    Distinct for every person below `NIR_SPACE`; its month, 31 to 42, is in no calendar.
    """
    rest, order = divmod(person * NIR_STRIDE % NIR_SPACE, 1_000_000)
    rest, month = divmod(rest, 12)
    sex, year = divmod(rest, NIR_YEARS)
    born = 1960 + year
    body = f"{sex + 1}{born % 100:02d}{31 + month}99{order:06d}"
    return body, f"{97 - int(body) % 97:02d}", born


def department_code(department: str) -> str:
    """A department as annex numbers bear it, on 3 characters: `054`, `02A`, `972`."""
    return department.zfill(3)
