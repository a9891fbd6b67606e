-- What compensation keeps: today and the timelines as compliance told them, and the lines of regulation.

-- The business day that compliance began last.
CREATE TABLE today (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    day date NOT NULL
);

-- Every timeline of a month that compliance told, as it came; the last version holds.
CREATE TABLE month_timeline (
    unit text COLLATE "C" NOT NULL,
    profession_group text COLLATE "C" NOT NULL,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    version integer NOT NULL CHECK (version >= 1),
    recorded_at timestamptz NOT NULL,
    below_from date,
    body bytea NOT NULL,
    PRIMARY KEY (unit, profession_group, month, version)
);
CREATE INDEX month_timeline_month ON month_timeline (month, unit, profession_group, version);

-- Each line of regulation as it is now. state has the numbers of Adjustment.State; what was computed follows from the
-- facts recorded up to computed_at, as of the day computed_for.
CREATE TABLE adjustment (
    adjustment_id uuid PRIMARY KEY,
    unit text COLLATE "C" NOT NULL,
    component text COLLATE "C" NOT NULL,
    profession_group text COLLATE "C" NOT NULL,
    period date NOT NULL CHECK (extract(day FROM period) = 1),
    state integer NOT NULL,
    version integer NOT NULL CHECK (version >= 0),
    recorded_at timestamptz NOT NULL,
    computed_at timestamptz NOT NULL,
    computed_for date NOT NULL,
    body bytea NOT NULL
);
-- One open line, preliminary or proposed, for each unit, group, component and month.
CREATE UNIQUE INDEX adjustment_open ON adjustment (unit, profession_group, period, component) WHERE state IN (1, 2);
CREATE INDEX adjustment_order ON adjustment (period, unit, component, profession_group, adjustment_id);

-- Every version of a line since it was proposed.
CREATE TABLE adjustment_version (
    adjustment_id uuid NOT NULL,
    unit text COLLATE "C" NOT NULL,
    component text COLLATE "C" NOT NULL,
    profession_group text COLLATE "C" NOT NULL,
    period date NOT NULL CHECK (extract(day FROM period) = 1),
    state integer NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    recorded_at timestamptz NOT NULL,
    computed_at timestamptz NOT NULL,
    computed_for date NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (adjustment_id, version)
);
CREATE INDEX adjustment_version_order
    ON adjustment_version (period, unit, component, profession_group, adjustment_id, version);

DO $$
DECLARE
    service text := 'niva_' || current_schema();
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON today TO %I', service);
    EXECUTE format('GRANT SELECT, INSERT ON month_timeline, adjustment_version TO %I', service);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON adjustment TO %I', service);
END
$$;
