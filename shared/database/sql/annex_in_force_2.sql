-- An annex is what the best source that holds one of its versions says: another source's amendment
-- changes nothing to it, whatever its number. Rank 1 is the best, and needs no comparison.
CREATE FUNCTION annex_version_of_best_source(as_of bigint) RETURNS SETOF financial_annex_version
LANGUAGE sql STABLE AS $$
    SELECT c.* FROM financial_annex_version_current(as_of) c
    WHERE c.rank = 1 OR NOT EXISTS (
        SELECT FROM financial_annex_version_current(as_of) better
        WHERE better.annex_id = c.annex_id AND better.rank < c.rank)
$$;

CREATE OR REPLACE FUNCTION annex_in_force(as_of bigint) RETURNS TABLE (
    annex_id bigint,
    amendment_id bigint,
    source text,
    revision bigint,
    annex_number text,
    renewal integer,
    amendment integer,
    state text,
    structure_id bigint,
    kind text,
    regime text,
    department text,
    department_origin text,
    starts_on date,
    ends_on date,
    first_month integer,
    last_month integer,
    contracted_etp numeric,
    hours_base numeric,
    unit_amount numeric,
    total_amount numeric,
    cofinanced_amount numeric
) LANGUAGE sql STABLE AS $$
    SELECT v.annex_id, v.amendment_id, v.source, v.revision, v.annex_number, v.renewal,
        v.amendment, v.state, v.structure_id, v.kind, v.regime,
        coalesce(v.department, s.department),
        CASE WHEN v.department IS NOT NULL THEN v.department_origin
            WHEN s.department IS NOT NULL THEN 'insee' ELSE 'unknown' END,
        v.starts_on, v.ends_on,
        (12 * extract(year FROM v.starts_on) + extract(month FROM v.starts_on))::integer - 1,
        (12 * extract(year FROM v.ends_on) + extract(month FROM v.ends_on))::integer - 1,
        v.contracted_etp, v.hours_base, v.unit_amount, v.total_amount, v.cofinanced_amount
    FROM (
        SELECT DISTINCT ON (c.annex_id) c.*
        FROM annex_version_of_best_source(as_of) c
        WHERE c.counted
        ORDER BY c.annex_id, c.renewal DESC, c.amendment DESC, c.amendment_id DESC
    ) v
    LEFT JOIN structure s ON s.structure_id = v.structure_id AND NOT s.withdrawn
$$;
