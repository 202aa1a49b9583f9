"""Unit amounts of the aide au poste on a day, for whoever needs one whatever the texts."""

from datetime import date

from shared.reference.tariffs import MAINLAND, tariffs, territory


def unit_amount(tariff: str, prison: bool, department: str, on: date) -> int:
    """Euros per yearly ETP of a tariff (`ACI`, `AI`, `EI`, `ETTI`, `EITI`) on a day.

    A territory or regime without a tariff of its own takes the mainland's of the kind; a day before
    the first tariff takes the first.
    """
    place = territory(department)
    names = ((place, f"{tariff}_MP"), (MAINLAND, f"{tariff}_MP")) if prison else ()
    for name in (*names, (place, tariff), (MAINLAND, tariff)):
        if amounts := tariffs().get(name):
            return max((one for one in amounts if one[0] <= on), default=amounts[0]).euros
    raise KeyError(tariff)
