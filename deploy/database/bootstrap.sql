-- Makes the roles and schemas of Nivå in the present database; run once by a superuser, again without harm.
-- Each service has a schema, an owner role (migrations alone) and a service role (SELECT and INSERT on facts).
DO $$
DECLARE
    service text;
BEGIN
    FOREACH service IN ARRAY ARRAY['intake', 'compliance', 'compensation'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'niva_' || service || '_owner') THEN
            EXECUTE format('CREATE ROLE %I LOGIN', 'niva_' || service || '_owner');
        END IF;
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'niva_' || service) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', 'niva_' || service);
        END IF;
        EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', service, 'niva_' || service || '_owner');
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', service, 'niva_' || service);
    END LOOP;
END
$$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
