-- The common tables of every service: the head of its stream, its events, its facts, the log of
-- requests and the cursor in the stream that it follows. What happened is append-only: the
-- service's role may insert and read; only the head and the cursor move.

CREATE TABLE stream_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    stream text NOT NULL,
    position bigint NOT NULL DEFAULT 0 CHECK (position >= 0),
    hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (octet_length(hash) = 32),
    recorded_at timestamptz NOT NULL DEFAULT 'epoch',
    fact_no bigint NOT NULL DEFAULT 0 CHECK (fact_no >= 0),
    clock_day date -- the day of a rehearsal's clock
);
INSERT INTO stream_head (stream) VALUES (current_schema());

CREATE TABLE event (
    position bigint PRIMARY KEY CHECK (position >= 1),
    id uuid NOT NULL UNIQUE,
    type text NOT NULL,
    subject text NOT NULL,
    recorded_at timestamptz NOT NULL,
    envelope bytea NOT NULL, -- the CloudEvent without its data, as it was hashed
    salt bytea,              -- NULL, like the data, once erased
    data bytea,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32), -- SHA-256(salt || data)
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)      -- SHA-256(hash before || envelope || digest)
);
CREATE INDEX event_subject ON event (subject, position) WHERE subject <> '';

CREATE TABLE fact (
    fact_no bigint PRIMARY KEY CHECK (fact_no >= 1),
    kind text NOT NULL CHECK (kind <> ''),
    id text NOT NULL CHECK (id <> ''),
    version integer NOT NULL CHECK (version >= 1),
    unit text NOT NULL,
    profession_group text NOT NULL,
    region text NOT NULL,
    refers_to text NOT NULL,
    first_day date,
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL CHECK (recorded_by <> ''),
    received_at timestamptz,
    body bytea, -- NULL once erased
    UNIQUE (kind, id, version)
);
CREATE INDEX fact_unit ON fact (unit, fact_no) WHERE unit <> '';
CREATE INDEX fact_region ON fact (region, fact_no) WHERE unit = '';
CREATE INDEX fact_kind ON fact (kind, fact_no);

CREATE TABLE request (
    principal text NOT NULL,
    request_id uuid NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32), -- of the method and what was asked
    method text NOT NULL,
    reply bytea NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (principal, request_id)
);
CREATE INDEX request_recorded_at ON request (recorded_at);

CREATE TABLE cursor (
    stream text PRIMARY KEY,
    position bigint NOT NULL CHECK (position >= 0)
);

DO $$
DECLARE
    service text := quote_ident('niva_' || current_schema());
BEGIN
    EXECUTE 'GRANT SELECT, INSERT ON event, fact, request TO ' || service;
    EXECUTE 'GRANT SELECT, UPDATE ON stream_head TO ' || service;
    EXECUTE 'GRANT SELECT, INSERT, UPDATE ON cursor TO ' || service;
END
$$;
