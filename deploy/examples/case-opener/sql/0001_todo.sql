-- What the case opener keeps: how far each stream is applied, the case officer's to-dos, and what is held back.

CREATE TABLE cursor (
    stream text PRIMARY KEY,
    position bigint NOT NULL CHECK (position >= 0)
);
INSERT INTO cursor VALUES ('compliance', 0), ('compensation', 0);

-- One to-do for each breach. Events carry the whole breach, so that the last one says how it stands. A breach about an
-- absence comes without its days.
CREATE TABLE todo (
    breach_id uuid PRIMARY KEY,
    kind text NOT NULL,
    unit text NOT NULL,
    profession_group text NOT NULL,
    first_day date,
    last_day date,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    closed_because text CHECK (closed_because IN ('CLOSED', 'WITHDRAWN', 'MERGED')),
    merged_into uuid,
    returns_from uuid,
    CHECK ((closed_at IS NULL) = (closed_because IS NULL)),
    CHECK ((merged_into IS NULL) = (closed_because IS DISTINCT FROM 'MERGED'))
);
CREATE INDEX todo_open ON todo (first_day, unit) WHERE closed_at IS NULL;

-- What has become of a to-do, an entry for each event about it.
CREATE TABLE todo_entry (
    position bigint PRIMARY KEY, -- in compliance's stream
    breach_id uuid NOT NULL REFERENCES todo,
    happened_at timestamptz NOT NULL,
    text_sv text NOT NULL
);

-- Preliminary holds, one for each decided adjustment; a negative amount gives back.
CREATE TABLE hold (
    adjustment_id uuid PRIMARY KEY,
    position bigint NOT NULL UNIQUE, -- in compensation's stream
    unit text NOT NULL,
    component text NOT NULL,
    period text NOT NULL,
    ore bigint NOT NULL,
    decided_by text NOT NULL CHECK (decided_by <> ''),
    delegation text NOT NULL,
    case_number text NOT NULL,
    decided_at timestamptz NOT NULL
);

-- What is held back from each unit in all.
CREATE TABLE account (
    unit text PRIMARY KEY,
    held_ore bigint NOT NULL
);

GRANT SELECT, UPDATE ON cursor TO niva_case_opener;
GRANT SELECT, INSERT, UPDATE ON todo, account TO niva_case_opener;
GRANT SELECT, INSERT ON todo_entry, hold TO niva_case_opener;
