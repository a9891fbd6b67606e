-- Answers are kept for 400 days; the writer deletes older ones.
DO $$
BEGIN
    EXECUTE format('GRANT DELETE ON request TO %I', 'niva_' || current_schema());
END
$$;
