CREATE TABLE outbox (
    id bigserial PRIMARY KEY,
    topic text NOT NULL,
    key text NOT NULL,
    headers text NOT NULL,
    value bytea,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE dead_letter (
    id bigserial PRIMARY KEY,
    kind text NOT NULL,
    processor text NOT NULL,
    reason text NOT NULL,
    paths text[] NOT NULL,
    failed_at timestamptz NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    record_offset bigint NOT NULL,
    key bytea,
    record_timestamp timestamptz NOT NULL,
    headers text NOT NULL,
    payload bytea,
    payload_size integer NOT NULL,
    payload_digest text,
    recoveries integer NOT NULL DEFAULT 0,
    replayed_at timestamptz,
    CONSTRAINT dead_letter_record UNIQUE (processor, topic, partition, record_offset)
);

CREATE TABLE access_log (
    id bigserial PRIMARY KEY,
    at timestamptz NOT NULL,
    reader text NOT NULL,
    action text NOT NULL,
    resource text NOT NULL,
    allowed boolean NOT NULL
);
