-- Erasure of what was said of lines and settlements, beside erase_facts of the common tables: the service's role may put
-- bodies without words in the place of those of versions, and of the facts that they are, under a decision that is
-- recorded in the same transaction; with them go the answers that were stored for whoever said them. Events carry no
-- words. Only closed lines of the unit can be erased, and only settlements that were voided.
CREATE FUNCTION erase_words(decision bigint, line_ids uuid[], line_versions integer[], line_bodies bytea[],
    settlement_ids uuid[], settlement_versions integer[], settlement_bodies bytea[]) RETURNS bigint
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

    UPDATE adjustment_version v SET body = e.body
    FROM unnest(line_ids, line_versions, line_bodies) AS e (id, version, body), adjustment a
    WHERE v.adjustment_id = e.id AND v.version = e.version AND v.unit = place
        AND a.adjustment_id = e.id AND a.state NOT IN (1, 2, 3);
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> cardinality(line_ids) THEN
        RAISE EXCEPTION 'of % versions % can be erased under %', cardinality(line_ids), changed, decision;
    END IF;
    UPDATE adjustment a SET body = e.body
    FROM unnest(line_ids, line_versions, line_bodies) AS e (id, version, body)
    WHERE a.adjustment_id = e.id AND a.version = e.version;
    UPDATE fact f SET body = e.body, salt = NULL, erased_by = decision
    FROM unnest(line_ids, line_versions, line_bodies) AS e (id, version, body)
    WHERE f.kind = 'adjustment' AND f.id = e.id || '/' || e.version AND f.version = 1 AND f.erased_by IS NULL;

    UPDATE settlement_version v SET body = e.body
    FROM unnest(settlement_ids, settlement_versions, settlement_bodies) AS e (id, version, body)
    WHERE v.settlement_id = e.id AND v.version = e.version AND v.state = 2;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> cardinality(settlement_ids) THEN
        RAISE EXCEPTION 'of % settlements % can be erased under %', cardinality(settlement_ids), changed, decision;
    END IF;
    UPDATE settlement s SET body = e.body
    FROM unnest(settlement_ids, settlement_versions, settlement_bodies) AS e (id, version, body)
    WHERE s.settlement_id = e.id AND s.version = e.version;
    UPDATE fact f SET body = e.body, salt = NULL, erased_by = decision
    FROM unnest(settlement_ids, settlement_versions, settlement_bodies) AS e (id, version, body)
    WHERE f.kind = 'settlement' AND f.id = e.id::text AND f.version = e.version AND f.erased_by IS NULL;

    -- What a command recorded has one instant: its facts and the answer.
    UPDATE request r SET reply = '', digest = decode(repeat('00', 32), 'hex'), erased_by = decision
    FROM fact f
    WHERE f.erased_by = decision AND r.recorded_at = f.recorded_at AND r.erased_by IS NULL
        AND (r.method LIKE '/niva.compensation.v1.AdjustmentService/%'
            OR r.method = '/niva.compensation.v1.SettlementService/VoidSettlement');
    RETURN cardinality(line_ids) + cardinality(settlement_ids);
END
$$;
REVOKE ALL ON FUNCTION erase_words FROM PUBLIC;

DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION erase_words SET search_path TO %I, pg_temp', current_schema());
    EXECUTE format('GRANT EXECUTE ON FUNCTION erase_words TO %I', 'niva_' || current_schema());
END
$$;
