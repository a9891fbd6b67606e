-- The amounts of components, every version as compensation told it: what previews and forecasts reckon with. No verdict,
-- breach or month rests on them.
CREATE TABLE component_amount (
    position bigint PRIMARY KEY CHECK (position >= 1), -- of the event in compensation's stream
    unit text NOT NULL,
    body bytea NOT NULL -- niva.compensation.v1.Component
);
CREATE INDEX component_amount_unit ON component_amount (unit, position);

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT ON component_amount TO %I', 'niva_' || current_schema());
END
$$;
