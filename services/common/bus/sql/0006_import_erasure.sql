-- A file of many reports goes with the first of its originals that is erased, and not with the last: it shows the positions
-- of all of them, and nothing of an erased original may be left.

CREATE OR REPLACE FUNCTION erase_facts(decision bigint, erased bigint[], bodies bytea[]) RETURNS bigint
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

    -- What is left of an original says by what it was erased; that is all that is left of its file too.
    UPDATE fact i SET body = o.body, salt = NULL, erased_by = decision
    FROM fact o
    WHERE o.fact_no = ANY (erased) AND o.kind = 'original' AND o.refers_to <> ''
        AND i.kind = 'import' AND i.id = o.refers_to AND i.erased_by IS NULL;

    -- What a command recorded has one instant: its facts, their events and the answer.
    UPDATE event e SET data = NULL, salt = NULL, erased_by = decision
    FROM (SELECT fact_no, recorded_at, row_number() OVER (PARTITION BY recorded_at ORDER BY fact_no) AS place_in
          FROM fact WHERE unit = place AND kind IN ('report', 'absence')) f
    JOIN (SELECT position, recorded_at, row_number() OVER (PARTITION BY recorded_at ORDER BY position) AS place_in
          FROM event WHERE subject = place AND subject <> ''
              AND (type LIKE 'se.niva.intake.report.%' OR type LIKE 'se.niva.intake.absence.%')
              AND type <> 'se.niva.intake.report.confirmed.v1') t USING (recorded_at, place_in)
    WHERE f.fact_no = ANY (erased) AND e.position = t.position AND e.erased_by IS NULL;
    UPDATE request r SET reply = '', digest = decode(repeat('00', 32), 'hex'), erased_by = decision
    FROM fact f
    WHERE f.fact_no = ANY (erased) AND f.kind IN ('report', 'absence')
        AND r.recorded_at = f.recorded_at AND r.erased_by IS NULL
        AND (r.method LIKE '/niva.intake.v1.ReportService/%' OR r.method LIKE '/niva.intake.v1.AbsenceService/%');
    RETURN changed;
END
$$;

DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION erase_facts SET search_path TO %I, pg_temp', current_schema());
END
$$;

-- Files that outlived an original so far go with the erasure that took it first.
UPDATE fact i SET body = o.body, salt = NULL, erased_by = o.erased_by
FROM (SELECT DISTINCT ON (refers_to) refers_to, body, erased_by FROM fact
      WHERE kind = 'original' AND refers_to <> '' AND erased_by IS NOT NULL
      ORDER BY refers_to, erased_by) o
WHERE i.kind = 'import' AND i.id = o.refers_to AND i.erased_by IS NULL;
