-- What is said of a month names who stands behind its verdicts: what was said before is said again.
INSERT INTO dirty (unit, profession_group, cause, caused_by)
SELECT unit, profession_group, 0, 'migration/0004' FROM unit_group_state
ON CONFLICT (unit, profession_group) DO NOTHING;
