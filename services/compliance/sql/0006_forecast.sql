-- What was last forecast of a unit and group: SHA-256 of the event's data, NULL where nothing is forecast.
ALTER TABLE unit_group_state ADD COLUMN forecast bytea CHECK (octet_length(forecast) = 32);

-- Nothing was ever forecast: every unit is looked at once more.
INSERT INTO dirty (unit, profession_group, cause, caused_by)
SELECT s.unit, s.profession_group, 0, 'day/' || d.day
FROM unit_group_state s, business_day d
ON CONFLICT (unit, profession_group) DO NOTHING;
