CREATE TABLE source (
    name text PRIMARY KEY,
    rank smallint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO source (name, rank) VALUES ('asp', 1);

CREATE TABLE mandate (
    source text NOT NULL REFERENCES source,
    structure_id bigint NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, structure_id)
);

CREATE TABLE client (
    client_id text PRIMARY KEY,
    source text NOT NULL REFERENCES source,
    secret_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);

CREATE TABLE idempotency (
    source text NOT NULL REFERENCES source,
    key text NOT NULL,
    digest bytea NOT NULL,
    status integer NOT NULL,
    answer text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, key)
);

CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE upload (
    submission_id text PRIMARY KEY,
    source text NOT NULL REFERENCES source,
    state text NOT NULL,
    size bigint NOT NULL,
    allow_truncated boolean NOT NULL,
    allow_older boolean NOT NULL,
    accept_withdrawals boolean NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    loaded_as text,
    phase text,
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    code text,
    reason text,
    finished_at timestamptz
);

CREATE INDEX upload_waiting ON upload (received_at) WHERE state IN ('queued', 'running');

CREATE TABLE refusal (
    door text NOT NULL,
    code text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (door, code)
);
