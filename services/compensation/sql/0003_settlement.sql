-- Settlements: decided lines that were handed over to the ledger, and the files in which they were.

-- Each settlement as it is now. state has the numbers of Settlement.State.
CREATE TABLE settlement (
    settlement_id uuid PRIMARY KEY,
    region text COLLATE "C" NOT NULL,
    period date NOT NULL CHECK (extract(day FROM period) = 1),
    state integer NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    recorded_at timestamptz NOT NULL,
    body bytea NOT NULL
);
-- A region's booking month has one settlement that is not voided.
CREATE UNIQUE INDEX settlement_living ON settlement (region, period) WHERE state <> 2;
CREATE INDEX settlement_order ON settlement (period, settlement_id);

-- Every version of one: as it was exported, as it was voided or booked.
CREATE TABLE settlement_version (
    settlement_id uuid NOT NULL,
    region text COLLATE "C" NOT NULL,
    period date NOT NULL CHECK (extract(day FROM period) = 1),
    state integer NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    recorded_at timestamptz NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (settlement_id, version)
);
CREATE INDEX settlement_version_order ON settlement_version (period, settlement_id, version);

-- Its files, one of each format (the numbers of Settlement.Format), as they were made; nobody changes them.
CREATE TABLE settlement_file (
    settlement_id uuid NOT NULL REFERENCES settlement,
    format integer NOT NULL CHECK (format IN (1, 2, 3)),
    sha256 bytea NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (settlement_id, format),
    CHECK (sha256 = pg_catalog.sha256(content))
);

-- The lines of settlements that are not voided: a line is in one at most.
CREATE TABLE settled_line (
    adjustment_id uuid PRIMARY KEY REFERENCES adjustment,
    settlement_id uuid NOT NULL REFERENCES settlement
);
CREATE INDEX settled_line_settlement ON settled_line (settlement_id);

-- The lines that are decided and wait for their settlement.
CREATE INDEX adjustment_decided ON adjustment (period) WHERE state = 4;

DO $$
DECLARE
    service text := 'niva_' || current_schema();
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON settlement TO %I', service);
    EXECUTE format('GRANT SELECT, INSERT ON settlement_version, settlement_file TO %I', service);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON settled_line TO %I', service);
END
$$;
