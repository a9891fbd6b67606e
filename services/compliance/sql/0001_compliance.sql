-- What compliance keeps beside its facts: today, the breaches, what was last said of each month, and what is still to be
-- recomputed. Breaches are append-only versions; the rest can be made again from facts, breaches and events.

-- Today. One row; only the writer changes it.
CREATE TABLE business_day (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    day date NOT NULL,
    target date NOT NULL CHECK (target >= day) -- of a rehearsal: days up to it are still to begin
);

-- When a unit and group is to be looked at again although no fact has changed: NULL for never.
CREATE TABLE unit_group_state (
    unit text NOT NULL,
    profession_group text NOT NULL,
    next_change_day date,
    PRIMARY KEY (unit, profession_group)
);
CREATE INDEX unit_group_state_next ON unit_group_state (next_change_day);

-- What was last said of a month: SHA-256 of the event's data without its cause.
CREATE TABLE month_published (
    unit text NOT NULL,
    profession_group text NOT NULL,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    PRIMARY KEY (unit, profession_group, month)
);

-- Every version of every breach; body = niva.compliance.v1.Breach. kind and state have the numbers of the proto.
CREATE TABLE breach_version (
    breach_id uuid NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    kind integer NOT NULL,
    state integer NOT NULL,
    unit text NOT NULL,
    profession_group text NOT NULL,
    first_day date NOT NULL,
    last_day date, -- NULL while it is open
    opened_order bigint NOT NULL, -- position of the event that opened it
    recorded_at timestamptz NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (breach_id, version)
);
CREATE UNIQUE INDEX breach_version_order ON breach_version (opened_order, version);
CREATE INDEX breach_version_unit ON breach_version (unit, opened_order, version);

-- What is to be recomputed between batches; profession_group '' stands for all groups of the unit.
CREATE TABLE dirty (
    unit text NOT NULL,
    profession_group text NOT NULL,
    cause integer NOT NULL, -- TimelineChanged.Cause; 0: a day began
    caused_by text NOT NULL,
    PRIMARY KEY (unit, profession_group)
);

-- Registrations are looked for by region.
CREATE INDEX fact_registration ON fact (id, version DESC) WHERE kind = 'unit';

DO $$
DECLARE
    service text := quote_ident('niva_' || current_schema());
BEGIN
    EXECUTE 'GRANT SELECT, INSERT ON breach_version TO ' || service;
    EXECUTE 'GRANT SELECT, INSERT, UPDATE ON business_day, unit_group_state, month_published TO ' || service;
    EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON dirty TO ' || service;
END
$$;
