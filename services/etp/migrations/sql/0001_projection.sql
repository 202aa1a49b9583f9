CREATE TABLE consumer_position (
    group_name text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    cluster_id text NOT NULL,
    first_offset bigint NOT NULL,
    next_offset bigint NOT NULL,
    applied bigint NOT NULL DEFAULT 0,
    stale bigint NOT NULL DEFAULT 0,
    not_for_us bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    compacted bigint NOT NULL DEFAULT 0,
    redelivered bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (group_name, topic, partition)
);

CREATE TABLE structure (
    structure_id bigint NOT NULL PRIMARY KEY,
    revision bigint NOT NULL,
    withdrawn boolean NOT NULL,
    siret text,
    name text,
    municipality text,
    insee_code text,
    department text
);

CREATE TABLE financial_annex_version (
    amendment_id bigint NOT NULL,
    source text NOT NULL,
    revision bigint NOT NULL,
    rank smallint NOT NULL,
    withdrawn boolean NOT NULL,
    accepted_at timestamptz NOT NULL,
    annex_id bigint NOT NULL,
    structure_id bigint,
    annex_number text,
    convention_number text,
    measure text,
    kind text,
    regime text,
    counted boolean,
    renewal integer,
    amendment integer,
    state text,
    starts_on date,
    ends_on date,
    contracted_etp numeric,
    hours_base numeric,
    unit_amount numeric,
    total_amount numeric,
    cofinanced_amount numeric,
    funder text,
    department text,
    department_origin text,
    signed_on date,
    received_on date,
    validated_on date,
    PRIMARY KEY (amendment_id, source, revision)
);

CREATE INDEX financial_annex_version_annex ON financial_annex_version (annex_id);

CREATE TABLE monthly_state (
    annex_id bigint NOT NULL,
    year smallint NOT NULL,
    month smallint NOT NULL,
    source text NOT NULL,
    revision bigint NOT NULL,
    rank smallint NOT NULL,
    withdrawn boolean NOT NULL,
    accepted_at timestamptz NOT NULL,
    state text,
    mixed_states boolean,
    lines integer,
    hours numeric,
    line_ids bigint[],
    line_versions integer[],
    line_states text[],
    line_hours numeric[],
    line_asp_etp numeric[],
    line_contracts bigint[],
    line_persons text[],
    PRIMARY KEY (annex_id, year, month, source, revision)
        INCLUDE (rank, withdrawn, state, mixed_states, lines, hours)
);
