-- One row a source: its doors take turns, and each can tell whether another one came between.
CREATE TABLE document_turn (
    source text PRIMARY KEY,
    turn bigint NOT NULL
);
