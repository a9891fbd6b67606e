-- Facts are chained like events: content = what may be erased, SHA-256(salt || first day || body); hash = SHA-256(hash
-- before || what stays || content). What is on record already is chained in the order of the record.
ALTER TABLE fact
    ADD COLUMN salt bytea, -- NULL, like the body, once erased
    ADD COLUMN digest bytea CHECK (octet_length(digest) = 32),
    ADD COLUMN hash bytea CHECK (octet_length(hash) = 32);
ALTER TABLE stream_head
    ADD COLUMN fact_hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (octet_length(fact_hash) = 32);

DO $$
DECLARE
    nul constant bytea := '\x00';
    chain bytea := decode(repeat('00', 32), 'hex');
    content bytea;
    present fact;
BEGIN
    FOR present IN SELECT * FROM fact ORDER BY fact_no LOOP
        present.salt := decode(replace(gen_random_uuid()::text, '-', ''), 'hex');
        content := sha256(present.salt
            || convert_to(coalesce((present.first_day - date '1970-01-01')::text, ''), 'UTF8') || nul
            || coalesce(present.body, ''));
        IF present.body IS NULL THEN
            present.salt := NULL;
        END IF;
        chain := sha256(chain
            || convert_to(present.fact_no::text, 'UTF8') || nul
            || convert_to(present.kind, 'UTF8') || nul
            || convert_to(present.id, 'UTF8') || nul
            || convert_to(present.version::text, 'UTF8') || nul
            || convert_to(present.unit, 'UTF8') || nul
            || convert_to(present.profession_group, 'UTF8') || nul
            || convert_to(present.region, 'UTF8') || nul
            || convert_to(present.refers_to, 'UTF8') || nul
            || convert_to((extract(epoch FROM present.recorded_at) * 1000000)::bigint::text, 'UTF8') || nul
            || convert_to(present.recorded_by, 'UTF8') || nul
            || convert_to(coalesce((extract(epoch FROM present.received_at) * 1000000)::bigint::text, ''), 'UTF8') || nul
            || content);
        UPDATE fact SET salt = present.salt, digest = content, hash = chain WHERE fact_no = present.fact_no;
    END LOOP;
    UPDATE stream_head SET fact_hash = chain;
END
$$;
ALTER TABLE fact ALTER COLUMN digest SET NOT NULL, ALTER COLUMN hash SET NOT NULL;
