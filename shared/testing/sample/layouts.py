"""The columns of each view, in the order in which this delivery writes them."""

from dataclasses import dataclass
from pathlib import Path

from shared import reference

UNKNOWN_ANNEX_COLUMN = "af_zone_reservee"
UNKNOWN_LINE_COLUMN = "emi_commentaire"

HEADERS_FILE = Path(reference.__file__).with_name("feed-headers.txt")
TINY_VIEWS = {
    "Financement": ("fin_id", "fin_libelle", "fin_montant"),
    "Encadrement": ("enc_id", "enc_libelle", "enc_etp"),
}
VIEWS = (
    "Structure",
    "AnnexeFinanciere",
    "EtatMensuelIndiv",
    "ContratMission",
    "Salarie",
    "RefMontantIae",
    "RefMotifSort",
    "RefCategorieSort",
    "Financement",
    "Encadrement",
)

Row = dict[str, str]
"""A row by column name; a column that is not there is empty."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The header of one view."""

    view: str
    columns: tuple[str, ...]

    def line(self, row: Row) -> str:
        """A row as text, without its end of line; `KeyError` for a column the view lacks."""
        left = dict(row)
        text = "|".join(left.pop(column, "") for column in self.columns)
        if left:
            raise KeyError(f"{self.view}: {sorted(left)}")
        return text

    def row(self, line: str) -> Row:
        """The columns of a line that this layout wrote."""
        return dict(zip(self.columns, line.split("|"), strict=True))

    def template(self, *filled: str) -> str:
        """A `%s` template of a line in which only `filled` varies, named in the header's order."""
        places = [self.columns.index(column) for column in filled]
        if places != sorted(places):
            raise ValueError(f"{self.view}: colonnes dans un autre ordre que l'en-tête")
        return self.line(dict.fromkeys(filled, "%s"))


def _delivered_headers() -> dict[str, tuple[str, ...]]:
    lines = HEADERS_FILE.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(": ", 1) for line in lines if line and not line.startswith("#"))
    return {view: tuple(header.split("|")) for view, header in pairs}


def layouts() -> dict[str, Layout]:
    """Every view of the delivery: some columns moved, one that nobody knows in two views."""
    headers = _delivered_headers() | TINY_VIEWS
    annex = headers["AnnexeFinanciere"]
    headers["AnnexeFinanciere"] = (UNKNOWN_ANNEX_COLUMN, *annex[40:], *annex[:40])
    headers["EtatMensuelIndiv"] = (*headers["EtatMensuelIndiv"], UNKNOWN_LINE_COLUMN)
    contract = headers["ContratMission"]
    headers["ContratMission"] = (*contract[5:], *contract[:5])
    structure = headers["Structure"]
    headers["Structure"] = (*structure[2:], *structure[:2])
    return {view: Layout(view, headers[view]) for view in VIEWS}
