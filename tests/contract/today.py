"""What producers may write today, drawn field by field: every state, optional fields or not."""

from typing import Any, get_args

from hypothesis import strategies as st

from shared.contracts.financial_annex_v1 import AnnexState
from shared.contracts.monthly_state_v1 import MonthlyStateState
from shared.contracts.support_hours_v1 import SupportedKind

IDS = st.integers(0, 10**18 - 1)
COUNTS = st.integers(0, 10**6 - 1)
TEXTS = st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=100)
CODES = TEXTS.filter(lambda text: 1 <= len(text) <= 80)
DECIMALS = st.from_regex(r"[0-9]{1,18}(\.[0-9]{1,30})?", fullmatch=True).filter(str.isascii)
DAYS = st.dates().map(lambda day: day.isoformat())
PERSONS = st.text("0123456789abcdef", min_size=32, max_size=32)


def optional(**fields: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    return {name: st.none() | values for name, values in fields.items()}


def structures() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"structure_id": IDS},
        optional=optional(
            siret=CODES, name=TEXTS, municipality=TEXTS, insee_code=CODES, contact_email=TEXTS
        ),
    )


def rsa_amounts() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"amount": DECIMALS}, optional=optional(department=CODES, starts_on=DAYS, ends_on=DAYS)
    )


def financial_annexes() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "amendment_id": IDS,
            "annex_id": IDS,
            "structure_id": IDS,
            "annex_number": CODES,
            "measure": CODES,
            "renewal": COUNTS,
            "amendment": COUNTS,
            "state": st.sampled_from(get_args(AnnexState)),
            "starts_on": DAYS,
            "ends_on": DAYS,
        },
        optional=optional(
            convention_number=TEXTS,
            contracted_etp=DECIMALS,
            hours_base=DECIMALS,
            unit_amount=DECIMALS,
            total_amount=DECIMALS,
            cofinanced_amount=DECIMALS,
            funder=TEXTS,
            signed_on=DAYS,
            received_on=DAYS,
            validated_on=DAYS,
            rsa_amounts=st.lists(rsa_amounts(), max_size=3),
        ),
    )


def monthly_states() -> st.SearchStrategy[dict[str, Any]]:
    common = {
        "line_id": IDS,
        "version": COUNTS,
        "state": st.sampled_from(get_args(MonthlyStateState)),
        "hours": DECIMALS,
    }
    lines = st.fixed_dictionaries(
        {**common, "contract_id": IDS}, optional=optional(asp_etp=DECIMALS, person=PERSONS)
    ) | st.fixed_dictionaries(
        {**common, "person": PERSONS}, optional=optional(asp_etp=DECIMALS, contract_id=IDS)
    )
    return st.fixed_dictionaries(
        {
            "annex_id": IDS,
            "year": st.integers(1900, 9999),
            "month": st.integers(1, 12),
            "lines": st.lists(lines, min_size=1, max_size=4),
        },
        optional=optional(hash_key_id=CODES),
    )


def employments() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"contract_id": IDS, "structure_id": IDS, "person": PERSONS, "hired_on": DAYS},
        optional=optional(
            hash_key_id=CODES,
            measure=CODES,
            renewal=COUNTS,
            format=CODES,
            ends_on=DAYS,
            rsa=CODES,
            ass=st.booleans(),
            aah=st.booleans(),
            prescriber=CODES,
        ),
    )


def exits() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"contract_id": IDS, "structure_id": IDS, "left_on": DAYS},
        optional=optional(reason=TEXTS, category=TEXTS, left_on_source=CODES),
    )


def support_hours() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "structure_id": IDS,
            "kind": st.sampled_from(get_args(SupportedKind)),
            "year": st.integers(1900, 9999),
            "technical_hours": DECIMALS,
            "support_hours": DECIMALS,
        },
        optional=optional(
            partner_hours=DECIMALS, training_hours=DECIMALS, positioned_persons=COUNTS
        ),
    )
