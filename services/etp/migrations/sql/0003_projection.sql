ALTER TABLE financial_annex_version ADD COLUMN rsa_amounts jsonb;

ALTER TABLE monthly_state
    ADD COLUMN asp_lines integer,
    ADD COLUMN asp_hours numeric,
    ADD COLUMN asp_etp numeric;

CREATE TABLE employment_rsa (
    contract_id bigint NOT NULL,
    source text NOT NULL,
    revision bigint NOT NULL,
    rank smallint NOT NULL,
    withdrawn boolean NOT NULL,
    accepted_at timestamptz NOT NULL,
    structure_id bigint,
    rsa text,
    PRIMARY KEY (contract_id, source, revision)
);
