-- What corrects a report is looked up for every report that is read.
CREATE INDEX fact_corrections ON fact (refers_to)
    WHERE kind = 'report' AND version = 1 AND refers_to <> '';
