-- Decisions: a line in dialogue is open too, the decided lines of a month are read with its open one, and what
-- compliance told of dialogues is kept as it came.

DROP INDEX adjustment_open;
-- One open line, preliminary, proposed or in dialogue, for each unit, group, component and month.
CREATE UNIQUE INDEX adjustment_open ON adjustment (unit, profession_group, period, component) WHERE state IN (1, 2, 3);
CREATE INDEX adjustment_month ON adjustment (unit, profession_group, period) WHERE state <> 8;

-- What was told of the dialogue about a breach: that it was opened (kind 1), answered (2), or that the breach went up in
-- another (3); body = the event's data. A line's communicated_at, answer_by and answered_at follow from these.
CREATE TABLE dialogue (
    position bigint PRIMARY KEY, -- of the event in compliance's stream
    unit text COLLATE "C" NOT NULL,
    profession_group text COLLATE "C" NOT NULL,
    kind integer NOT NULL CHECK (kind IN (1, 2, 3)),
    recorded_at timestamptz NOT NULL,
    body bytea NOT NULL
);
CREATE INDEX dialogue_unit ON dialogue (unit, profession_group, position);

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT ON dialogue TO %I', 'niva_' || current_schema());
END
$$;
