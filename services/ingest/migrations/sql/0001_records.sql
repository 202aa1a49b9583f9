CREATE TABLE submission (
    submission_id text PRIMARY KEY,
    source text NOT NULL,
    fingerprint text NOT NULL,
    stamp timestamp,
    accepted_at timestamptz NOT NULL,
    state text NOT NULL,
    receipt text NOT NULL,
    buckets integer NOT NULL,
    finished_at timestamptz
);

CREATE TABLE chunk (
    submission_id text NOT NULL REFERENCES submission,
    number integer NOT NULL,
    counts text NOT NULL,
    PRIMARY KEY (submission_id, number)
);

CREATE TABLE reject (
    submission_id text NOT NULL REFERENCES submission,
    view text NOT NULL,
    line bigint NOT NULL,
    column_name text NOT NULL,
    code text NOT NULL,
    value text NOT NULL,
    reason text NOT NULL
);

CREATE INDEX reject_by_submission ON reject (submission_id, view, line);

CREATE TABLE document (
    source text NOT NULL,
    document_type text NOT NULL,
    id bigint NOT NULL,
    period integer NOT NULL,
    parent bigint NOT NULL,
    digest bytea NOT NULL,
    revision bigint NOT NULL,
    withdrawn boolean NOT NULL,
    PRIMARY KEY (source, document_type, id, period)
);

CREATE TABLE annex_owner (
    source text NOT NULL,
    annex_id bigint NOT NULL,
    structure_id bigint NOT NULL,
    PRIMARY KEY (source, annex_id)
);

CREATE TABLE referential_amount (
    source text NOT NULL,
    rmi_id bigint NOT NULL,
    code text,
    label text,
    value text NOT NULL,
    starts_on date,
    ends_on date,
    department text,
    PRIMARY KEY (source, rmi_id)
);

CREATE TABLE outbox (
    id bigserial PRIMARY KEY,
    topic text NOT NULL,
    key text NOT NULL,
    headers text NOT NULL,
    value bytea,
    created_at timestamptz NOT NULL DEFAULT now()
);
