DROP FUNCTION annex_month(bigint);

DROP FUNCTION monthly_state_in_force(bigint);

CREATE FUNCTION monthly_state_in_force(as_of bigint) RETURNS TABLE (
    annex_id bigint,
    year smallint,
    month smallint,
    source text,
    rank smallint,
    revision bigint,
    state text,
    mixed_states boolean,
    lines integer,
    hours numeric
) LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (m.annex_id, m.year, m.month) m.annex_id, m.year,
        m.month, m.source, m.rank, m.revision, m.state, m.mixed_states, m.lines, m.hours
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

-- Only a source of rank 1 may validate a month.
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
    hours numeric,
    source text,
    rank smallint,
    revision bigint
) LANGUAGE sql STABLE AS $$
    SELECT a.annex_id, d.year, d.month, d.in_period, a.structure_id, a.kind, a.regime,
        a.department, a.contracted_etp, a.hours_base, d.state, d.mixed_states,
        coalesce(d.in_period AND d.state = 'VALIDE' AND d.rank = 1, false),
        coalesce(d.lines, 0), coalesce(d.hours, 0), d.source, d.rank, d.revision
    FROM annex_in_force(as_of) a
    CROSS JOIN LATERAL (
        SELECT (c.number / 12)::smallint AS year, (c.number % 12 + 1)::smallint AS month,
            true AS in_period, m.state, m.mixed_states, m.lines, m.hours, m.source, m.rank,
            m.revision
        FROM generate_series(a.first_month, a.last_month) c (number)
        LEFT JOIN monthly_state_in_force(as_of) m
            ON m.annex_id = a.annex_id AND m.year = (c.number / 12)::smallint
                AND m.month = (c.number % 12 + 1)::smallint
        UNION ALL
        SELECT m.year, m.month, false, m.state, m.mixed_states, m.lines, m.hours, m.source, m.rank,
            m.revision
        FROM monthly_state_in_force(as_of) m
        WHERE m.annex_id = a.annex_id
            AND 12 * m.year + m.month - 1 NOT BETWEEN a.first_month AND a.last_month
    ) d
$$;
