"""Rows of texts → accepted rows, typed, and rejected ones, each for its first fault."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from services.ingest.readers.limits import MAX_SHOWN
from services.ingest.readers.mending import Misfit
from services.ingest.readers.reasons import reason
from services.ingest.readers.values import (
    INTEGER_LIMITS,
    TEXT_LENGTHS,
    Kind,
    Unreadable,
    Value,
    read_value,
)
from services.ingest.readers.views import Column, View

MASKED: Final = "***"
REJECTS: Final = pl.Schema(
    {
        "view": pl.String,
        "line": pl.Int64,
        "column": pl.String,
        "code": pl.String,
        "value": pl.String,
        "reason": pl.String,
    }
)
_TYPES: Final = {
    Kind.DATE: pl.Date(),
    Kind.FLAG: pl.Boolean(),
    **dict.fromkeys(INTEGER_LIMITS, pl.Int64()),
}
_FLAGS: Final = {"true": True, "false": False}
_LIKE_A_NIR: Final = r"(?i)(?:[0-9AB]\s*){13,}"
"""What a NIR in a wrong column looks like: it is shown no more than in its own."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`accepted`: `line` (Int64) and the view's columns by name: integers, dates, canonical
    decimal texts, booleans, texts stripped; null where empty. `rejects`: as `REJECTS`."""

    accepted: pl.DataFrame
    rejects: pl.DataFrame


def schema_of(view: View) -> pl.Schema:
    """The types of the accepted rows of a view."""
    columns = {column.name: _TYPES.get(column.kind, pl.String()) for column in view.columns}
    return pl.Schema({"line": pl.Int64(), **columns})


def check_rows(view: View, raw: pl.DataFrame) -> Checked:
    """Check rows delivered: `raw` has `line` and, as texts, the columns used that the file has."""
    absent = [column.name for column in view.columns if column.name not in raw.columns]
    texts = raw.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
    values: dict[str, pl.Series] = {"line": raw["line"]}
    faults: list[pl.DataFrame] = []
    for column in view.columns:
        values[column.name], codes = _read_texts(column.kind, _used(column, texts, values))
        for found in (
            codes,
            _missing(column, values[column.name], codes, texts),
            _before_start(column, values),
        ):
            if found is not None and found.null_count() < len(found):
                in_place = column.or_else if column.name in absent else None
                faults.append(_rejects(view, column, in_place or column.name, found, texts))
    typed = pl.DataFrame(values)
    rejects = (
        pl.concat(faults).unique("line", keep="first", maintain_order=True) if faults else None
    )
    if rejects is None:
        return Checked(_settled(view, typed), REJECTS.to_frame())
    accepted = typed.join(rejects.select("line"), on="line", how="anti", maintain_order="left")
    return Checked(_settled(view, accepted), rejects.sort("line"))


def _settled(view: View, typed: pl.DataFrame) -> pl.DataFrame:
    """What empty means."""
    filled = [pl.col(c.name).fill_null(c.default) for c in view.columns if c.default is not None]
    return typed.with_columns(filled)


def _used(column: Column, texts: pl.DataFrame, values: Mapping[str, pl.Series]) -> pl.Series:
    """The texts of a column, those that are not used left out."""
    if column.only_without is None:
        return texts[column.name]
    alone = values[column.only_without].is_null()
    return texts.select(pl.when(alone).then(column.name).alias(column.name)).to_series()


def misfit_rejects(view: View, misfits: list[Misfit]) -> pl.DataFrame:
    """Rejects of rows with a wrong number of columns, which is their value."""
    shown = [MASKED if view.names_persons else str(columns) for _, columns in misfits]
    count = len(misfits)
    return pl.DataFrame(
        {
            "view": [view.name] * count,
            "line": [line for line, _ in misfits],
            "column": [""] * count,
            "code": ["column-count"] * count,
            "value": shown,
            "reason": [reason("column-count")] * count,
        },
        schema=REJECTS,
    )


def reused_rejects(view: View, reused: pl.DataFrame) -> pl.DataFrame:
    """Rejects of rows whose key is another's: `reused` has `line` and the key's columns."""
    return reused.select(
        pl.lit(view.name).alias("view"),
        "line",
        pl.lit(view.key[0]).alias("column"),
        pl.lit("key-reused").alias("code"),
        _shown(view, view.key[0], pl.col(view.key[0]).cast(pl.String)).alias("value"),
        pl.lit(reason("key-reused")).alias("reason"),
    )


def _missing(
    column: Column, values: pl.Series, codes: pl.Series | None, texts: pl.DataFrame
) -> pl.Series | None:
    if not column.required or not values.null_count():
        return None
    missing = values.is_null() if codes is None else values.is_null() & codes.is_null()
    if column.but_for is not None:
        missing &= ~texts.select(column.but_for.fill_null(value=False)).to_series()
    return _coded(missing, "missing-value")


def _before_start(column: Column, values: dict[str, pl.Series]) -> pl.Series | None:
    if column.not_before is None:
        return None
    return _coded(values[column.name] < values[column.not_before], "end-before-start")


def _coded(faulty: pl.Series, code: str) -> pl.Series:
    """`code` where `faulty`, null elsewhere."""
    return faulty.replace_strict([True], [code], default=None, return_dtype=pl.String)


def _rejects(
    view: View, column: Column, name: str, codes: pl.Series, texts: pl.DataFrame
) -> pl.DataFrame:
    """The rejects of one column: where `codes` is not null."""
    return (
        texts.select("line", codes.alias("code"), pl.col(column.name).alias("value"))
        .drop_nulls("code")
        .select(
            pl.lit(view.name).alias("view"),
            "line",
            pl.lit(name).alias("column"),
            "code",
            _shown(view, name, pl.col("value")).alias("value"),
            pl.col("code")
            .replace_strict({code: reason(code, column.kind) for code in codes.drop_nulls()})
            .alias("reason"),
        )
    )


def _shown(view: View, column: str, value: pl.Expr) -> pl.Expr:
    """A value as rejects show it: stripped, bounded, masked where it may name a person."""
    if column in view.naming_persons:
        return pl.lit(MASKED)
    shown = value.fill_null("").str.strip_chars().str.slice(0, MAX_SHOWN)
    return pl.when(value.str.contains(_LIKE_A_NIR)).then(pl.lit(MASKED)).otherwise(shown)


def _read_texts(kind: Kind, texts: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    """Values, and the code of what could not be read where something could not."""
    if kind in TEXT_LENGTHS:
        return texts.str.strip_chars().str.slice(0, TEXT_LENGTHS[kind]).replace("", None), None
    if kind is Kind.FLAG:
        known = texts.str.strip_chars()
        return known.replace_strict(_FLAGS, default=None, return_dtype=pl.Boolean), None
    if kind in INTEGER_LIMITS and kind is not Kind.MONTH:
        return _read_integers(kind, texts)
    return _read_distinct(kind, texts)


def _read_integers(kind: Kind, texts: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    """A plain cast reads nearly all: it takes a sign, which an identifier has not and which comes
    before `0`, and no space."""
    numbers = texts.cast(pl.Int64, strict=False)
    plain = ((numbers < INTEGER_LIMITS[kind]) & (texts >= "0")).fill_null(value=False)
    odd = texts.is_not_null() & ~plain
    if not odd.any():
        return numbers, None
    values, codes = _read_distinct(kind, texts.set(plain, None))
    return values.zip_with(odd, numbers), codes


def _read_distinct(kind: Kind, texts: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    """The same text is read once: a block holds far fewer texts than rows."""
    dtype = _TYPES.get(kind, pl.String())
    distinct = texts.drop_nulls().unique().to_list()
    read = {text: read_value(kind, text.strip()) for text in distinct if text.strip()}
    bad = {text: value.code for text, value in read.items() if isinstance(value, Unreadable)}
    good = {text: value for text, value in read.items() if text not in bad}
    return _mapped(texts, good, dtype), _mapped(texts, bad, pl.String()) if bad else None


def _mapped(texts: pl.Series, values: Mapping[str, Value], dtype: pl.DataType) -> pl.Series:
    if not values:
        return pl.repeat(None, len(texts), dtype=dtype, eager=True).alias(texts.name)
    new = pl.Series(list(values.values()), dtype=dtype)
    return texts.replace_strict(pl.Series(list(values)), new, default=None, return_dtype=dtype)
