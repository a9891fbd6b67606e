-- What compensation told of adjustments, for follow-up: every proposal, supersession and decision. No verdict, breach or
-- month rests on it.
CREATE TABLE adjustment_told (
    position bigint PRIMARY KEY CHECK (position >= 1), -- of the event in compensation's stream
    recorded_at timestamptz NOT NULL,                  -- of the event
    adjustment_id uuid NOT NULL,
    unit text NOT NULL,
    profession_group text NOT NULL,
    period date NOT NULL CHECK (extract(day FROM period) = 1),
    body bytea NOT NULL -- the data of the event: a message whose first field is niva.compensation.v1.Adjustment
);
CREATE INDEX adjustment_told_unit ON adjustment_told (unit, period, adjustment_id, position DESC);

-- Until now the stream was followed for components alone: it is followed anew from its beginning.
DELETE FROM component_amount;
DELETE FROM cursor WHERE stream = 'compensation';

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT ON adjustment_told TO %I', 'niva_' || current_schema());
END
$$;
