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
    validated boolean,
    contracts bigint[],
    persons text[],
    hours numeric[],
    PRIMARY KEY (annex_id, year, month, source, revision)
);

CREATE TABLE employment (
    contract_id bigint NOT NULL,
    source text NOT NULL,
    revision bigint NOT NULL,
    rank smallint NOT NULL,
    withdrawn boolean NOT NULL,
    accepted_at timestamptz NOT NULL,
    structure_id bigint,
    person text,
    kind text,
    regime text,
    known boolean,
    renewal integer,
    hired_on date,
    ends_on date,
    rsa text,
    ass boolean,
    aah boolean,
    prescriber text,
    PRIMARY KEY (contract_id, source, revision)
);

CREATE INDEX employment_structure ON employment (structure_id);

CREATE INDEX employment_person ON employment (person);

CREATE TABLE employment_exit (
    contract_id bigint NOT NULL,
    source text NOT NULL,
    revision bigint NOT NULL,
    rank smallint NOT NULL,
    withdrawn boolean NOT NULL,
    accepted_at timestamptz NOT NULL,
    left_on date,
    reason text,
    category text,
    PRIMARY KEY (contract_id, source, revision)
);

CREATE TABLE support_hours (
    structure_id bigint NOT NULL,
    kind text NOT NULL,
    year smallint NOT NULL,
    source text NOT NULL,
    revision bigint NOT NULL,
    rank smallint NOT NULL,
    withdrawn boolean NOT NULL,
    accepted_at timestamptz NOT NULL,
    technical_hours numeric,
    support_hours numeric,
    partner_hours numeric,
    training_hours numeric,
    positioned_persons integer,
    PRIMARY KEY (structure_id, kind, year, source, revision)
);
