-- Erasure of what was said in dialogues, beside erase_facts of the common tables: the service's role may put bodies
-- without text in the place of those of entries, under a decision that is recorded in the same transaction, each once,
-- and with them go the answers that were stored for whoever recorded them. Their events carry no text.
CREATE FUNCTION erase_dialogue(decision bigint, erased bigint[], bodies bytea[]) RETURNS bigint
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
    SET body = e.body, salt = NULL, erased_by = decision
    FROM unnest(erased, bodies) AS e (fact_no, body)
    WHERE f.fact_no = e.fact_no AND f.unit = place AND f.erased_by IS NULL AND f.kind = 'dialogue';
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> cardinality(erased) THEN
        RAISE EXCEPTION 'of % entries % can be erased under %', cardinality(erased), changed, decision;
    END IF;

    -- What a command recorded has one instant: the fact and the answer.
    UPDATE request r SET reply = '', digest = decode(repeat('00', 32), 'hex'), erased_by = decision
    FROM fact f
    WHERE f.fact_no = ANY (erased) AND r.recorded_at = f.recorded_at AND r.erased_by IS NULL
        AND r.method LIKE '/niva.compliance.v1.DialogueService/%';
    RETURN changed;
END
$$;
REVOKE ALL ON FUNCTION erase_dialogue FROM PUBLIC;

DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION erase_dialogue SET search_path TO %I, pg_temp', current_schema());
    EXECUTE format('GRANT EXECUTE ON FUNCTION erase_dialogue TO %I', 'niva_' || current_schema());
END
$$;
