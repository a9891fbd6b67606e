-- Makes the roles and the schema of the case opener in its own database; run by a superuser, again without harm.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'niva_case_opener_owner') THEN
        CREATE ROLE niva_case_opener_owner LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'niva_case_opener') THEN
        CREATE ROLE niva_case_opener LOGIN;
    END IF;
END
$$;
CREATE SCHEMA IF NOT EXISTS case_opener AUTHORIZATION niva_case_opener_owner;
GRANT USAGE ON SCHEMA case_opener TO niva_case_opener;
