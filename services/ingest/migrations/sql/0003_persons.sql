CREATE TABLE exit_reason (
    source text NOT NULL,
    reason_id bigint NOT NULL,
    label text,
    category_id bigint,
    PRIMARY KEY (source, reason_id)
);

CREATE TABLE exit_category (
    source text NOT NULL,
    category_id bigint NOT NULL,
    label text,
    PRIMARY KEY (source, category_id)
);

CREATE TABLE structure_persons (
    source text NOT NULL,
    structure_id bigint NOT NULL,
    person_ids bigint[] NOT NULL,
    pseudonyms text[] NOT NULL,
    PRIMARY KEY (source, structure_id)
);
