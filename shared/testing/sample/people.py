"""Employees of a structure and their contracts, as rows of Salarie and ContratMission."""

from random import Random

from shared.testing.sample.exit_reasons import draw_reason
from shared.testing.sample.identity import nir
from shared.testing.sample.layouts import Layout
from shared.testing.sample.months import feed_day
from shared.testing.sample.structures import Site, Structure

PERSON_COLUMNS = (
    "salarie_id",
    "salarie_rci_libelle",
    "salarie_date_naissance",
    "salarie_nir",
    "salarie_nom_usage",
    "salarie_prenom",
)
CONTRACT_COLUMNS = (
    "contrat_id_pph",
    "contrat_id_ctr",
    "contrat_date_embauche",
    "contrat_date_fin_contrat",
    "contrat_type_contrat",
    "contrat_format_contrat_code",
    "contrat_date_sortie_definitive",
    "contrat_motif_sortie_id",
    "contrat_motif_sortie_code",
    "contrat_orienteur_code",
    "contrat_salarie_rsa",
    "contrat_salarie_ass",
    "contrat_salarie_aah",
    "contrat_date_creation",
    "contrat_id_structure",
    "contrat_mesure_disp_code",
)
INCOMES = (
    ("OUI-M", "false", "false"),
    ("OUI-M", "false", "false"),
    ("OUI-NM", "false", "false"),
    ("OUI-M", "false", "false"),
    ("NON", "true", "false"),
    ("NON", "false", "true"),
    ("OUI-M", "false", "true"),
)
NO_INCOME = ("NON", "false", "false")
WRONG_KEY_ONE_IN = 400
LONGEST_STAY = 24
"""Months: the usual ceiling of an insertion path."""


class Employee:
    """Somebody at work; months are indexes, `hours` the usual hours of a month."""

    __slots__ = (
        "contract", "exit_day", "hired_day", "hours", "income", "leaves", "on_line", "person",
        "renewals", "since", "until",
    )  # fmt: skip

    def __init__(self, person: int, contract: int, hours: int, since: int, leaves: int) -> None:
        self.person = person
        self.contract = contract
        self.hours = hours
        self.since = since
        self.leaves = leaves
        self.until = since
        self.renewals = 0
        self.hired_day = 1
        self.exit_day = 0
        self.income = NO_INCOME
        self.on_line = ("", "", "")


class Registry:
    """The rows of Salarie and ContratMission of one structure, and the ids it has given."""

    def __init__(self, structure: Structure, layouts: dict[str, Layout]) -> None:
        self.structure = structure
        self.persons: list[str] = []
        self.contracts: list[str] = []
        self._given = {"person": 0, "contract": 0, "line": 0}
        self._person = layouts["Salarie"].template(*PERSON_COLUMNS)
        self._contract = layouts["ContratMission"].template(*CONTRACT_COLUMNS)

    def next_id(self, what: str) -> int:
        """The next `person`, `contract` or `line` id of this structure."""
        self._given[what] += 1
        return self.structure.identifier(self._given[what])

    def add_person(self, rng: Random) -> int:
        """A new person, with a NIR that is nobody's; the feed's person id."""
        person = self.next_id("person")
        body, key, born = nir(person)
        if rng.random() * WRONG_KEY_ONE_IN < 1:
            key = f"{(int(key) + 1) % 97 + 1:02d}"
        title = "M." if body[0] == "1" else "MME"
        birth = f"{1 + person % 28:02d}/{1 + person % 12:02d}/{born}"
        name = (f"ZZNOM{person}", f"ZZPRENOM{person}")
        self.persons.append(self._person % (person, title, birth, body + key, *name))
        return person

    def end_contract(self, employee: Employee, site: Site, rng: Random) -> None:
        """The definitive exit of an employee in the month `leaves`, and the contract's row.

        Few exits are told on the month's line only, few not at all.
        """
        day = feed_day(employee.leaves, employee.exit_day)
        reason, code = draw_reason(rng)
        told = rng.random()
        employee.on_line = (day, reason, code) if told < 0.6 or told > 0.95 else ("", "", "")
        on_contract = ("", "", "") if told > 0.93 else (day, reason, code)
        self.add_contract(employee, site, on_contract)

    def add_contract(
        self,
        employee: Employee,
        site: Site,
        left: tuple[str, str, str] = ("", "", ""),
    ) -> None:
        """The row of an employee's present contract; `left`: exit date, reason id and code."""
        hired = feed_day(employee.since, employee.hired_day)
        self.contracts.append(
            self._contract
            % (
                employee.person,
                employee.contract,
                hired,
                feed_day(employee.until, 31),
                min(employee.renewals, 9),
                "2" if site.kind.code in ("AI", "ETTI") else "1",
                *left,
                1 + employee.person % 9,
                *employee.income,
                hired,
                self.structure.id,
                site.measure,
            )
        )
