CREATE FUNCTION annex_in_force(as_of bigint) RETURNS TABLE (
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
        FROM financial_annex_version c
        WHERE c.counted AND NOT c.withdrawn AND c.revision <= as_of
            AND NOT EXISTS (
                SELECT FROM financial_annex_version later
                WHERE later.amendment_id = c.amendment_id AND later.source = c.source
                    AND later.revision > c.revision AND later.revision <= as_of)
            AND NOT EXISTS (
                SELECT FROM financial_annex_version other
                WHERE other.amendment_id = c.amendment_id AND other.source <> c.source
                    AND (other.rank < c.rank
                        OR other.rank = c.rank AND other.revision > c.revision)
                    AND NOT other.withdrawn AND other.revision <= as_of
                    AND NOT EXISTS (
                        SELECT FROM financial_annex_version later
                        WHERE later.amendment_id = other.amendment_id
                            AND later.source = other.source
                            AND later.revision > other.revision AND later.revision <= as_of))
        ORDER BY c.annex_id, c.renewal DESC, c.amendment DESC, c.amendment_id DESC
    ) v
    LEFT JOIN structure s ON s.structure_id = v.structure_id AND NOT s.withdrawn
$$;

CREATE FUNCTION monthly_state_in_force(as_of bigint) RETURNS TABLE (
    annex_id bigint,
    year smallint,
    month smallint,
    source text,
    revision bigint,
    state text,
    mixed_states boolean,
    lines integer,
    hours numeric
) LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (m.annex_id, m.year, m.month) m.annex_id, m.year,
        m.month, m.source, m.revision, m.state, m.mixed_states, m.lines, m.hours
    FROM (
        SELECT DISTINCT ON (h.annex_id, h.year, h.month, h.source) h.annex_id, h.year, h.month,
            h.source, h.revision, h.rank, h.withdrawn, h.state, h.mixed_states, h.lines, h.hours
        FROM monthly_state h
        WHERE h.revision <= as_of
        ORDER BY h.annex_id DESC, h.year DESC, h.month DESC, h.source DESC, h.revision DESC
    ) m
    WHERE NOT m.withdrawn
    ORDER BY m.annex_id DESC, m.year DESC, m.month DESC, m.rank, m.revision DESC
$$;

CREATE FUNCTION annex_month(as_of bigint) RETURNS TABLE (
    annex_id bigint,
    year smallint,
    month smallint,
    in_period boolean,
    structure_id bigint,
    kind text,
    regime text,
    department text,
    contracted_etp numeric,
    hours_base numeric,
    state text,
    mixed_states boolean,
    validated boolean,
    lines integer,
    hours numeric
) LANGUAGE sql STABLE AS $$
    SELECT a.annex_id, d.year, d.month, d.in_period, a.structure_id, a.kind, a.regime,
        a.department, a.contracted_etp, a.hours_base, d.state, d.mixed_states,
        coalesce(d.in_period AND d.state = 'VALIDE', false),
        coalesce(d.lines, 0), coalesce(d.hours, 0)
    FROM annex_in_force(as_of) a
    CROSS JOIN LATERAL (
        SELECT (c.number / 12)::smallint AS year, (c.number % 12 + 1)::smallint AS month,
            true AS in_period, m.state, m.mixed_states, m.lines, m.hours
        FROM generate_series(a.first_month, a.last_month) c (number)
        LEFT JOIN monthly_state_in_force(as_of) m
            ON m.annex_id = a.annex_id AND m.year = (c.number / 12)::smallint
                AND m.month = (c.number % 12 + 1)::smallint
        UNION ALL
        SELECT m.year, m.month, false, m.state, m.mixed_states, m.lines, m.hours
        FROM monthly_state_in_force(as_of) m
        WHERE m.annex_id = a.annex_id
            AND 12 * m.year + m.month - 1 NOT BETWEEN a.first_month AND a.last_month
    ) d
$$;
