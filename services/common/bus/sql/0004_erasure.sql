-- Erasure (gallring). The service's role still has no UPDATE: it may call one function, which removes the content of
-- facts, and what else of them is kept in the schema, under a decision that is recorded in the same transaction.

-- The number of the fact of kind 'erasure' under which something was erased; NULL: it is whole.
ALTER TABLE fact ADD COLUMN erased_by bigint;
ALTER TABLE event ADD COLUMN erased_by bigint;
ALTER TABLE request ADD COLUMN erased_by bigint;

-- What is erased of a unit is asked of every report and absence that comes in.
CREATE INDEX fact_erasure ON fact (unit, fact_no) WHERE kind = 'erasure';

-- The space of what is erased is to be reclaimed soon, and not when a fifth of the table has changed.
ALTER TABLE fact SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50);
ALTER TABLE event SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50);
ALTER TABLE request SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50);

-- Puts bodies without persons in the place of those of facts. `decision` is a fact of kind 'erasure', written in this
-- transaction; only reports, absences and originals of its unit can be erased, each once. An absence's first day goes
-- with it. The salts go too, so that no guess can be tried against a digest. Intake's events that told of them lose
-- their data, the answers that were stored for callers their content and the digest of what was asked.
CREATE FUNCTION erase_facts(decision bigint, erased bigint[], bodies bytea[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    place text;
    changed bigint;
BEGIN
    SELECT unit INTO place FROM fact
    WHERE fact_no = decision AND kind = 'erasure' AND unit <> '' AND xmin = pg_current_xact_id()::xid;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'fact % is no erasure decided in this transaction', decision;
    END IF;

    UPDATE fact f
    SET body = e.body, salt = NULL, erased_by = decision,
        first_day = CASE WHEN f.kind = 'absence' THEN NULL ELSE f.first_day END
    FROM unnest(erased, bodies) AS e (fact_no, body)
    WHERE f.fact_no = e.fact_no AND f.unit = place AND f.erased_by IS NULL
        AND f.kind IN ('report', 'absence', 'original');
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> cardinality(erased) THEN
        RAISE EXCEPTION 'of % facts % can be erased under %', cardinality(erased), changed, decision;
    END IF;

    -- What a command recorded has one instant: the fact, its event and the answer.
    UPDATE event e SET data = NULL, salt = NULL, erased_by = decision
    FROM fact f
    WHERE f.fact_no = ANY (erased) AND f.kind IN ('report', 'absence')
        AND e.subject = f.unit AND e.subject <> '' AND e.recorded_at = f.recorded_at AND e.erased_by IS NULL
        AND (e.type LIKE 'se.niva.intake.report.%' OR e.type LIKE 'se.niva.intake.absence.%');
    UPDATE request r SET reply = '', digest = decode(repeat('00', 32), 'hex'), erased_by = decision
    FROM fact f
    WHERE f.fact_no = ANY (erased) AND f.kind IN ('report', 'absence')
        AND r.recorded_at = f.recorded_at AND r.erased_by IS NULL
        AND (r.method LIKE '/niva.intake.v1.ReportService/%' OR r.method LIKE '/niva.intake.v1.AbsenceService/%');
    RETURN changed;
END
$$;
REVOKE ALL ON FUNCTION erase_facts FROM PUBLIC;

DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION erase_facts SET search_path TO %I, pg_temp', current_schema());
    EXECUTE format('GRANT EXECUTE ON FUNCTION erase_facts TO %I', 'niva_' || current_schema());
END
$$;
