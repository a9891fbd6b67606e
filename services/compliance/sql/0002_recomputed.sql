-- How often a unit and group was computed anew: what a change cost, and proof that nothing is done twice.
ALTER TABLE unit_group_state ADD COLUMN recomputed bigint NOT NULL DEFAULT 0;
-- A row of dirty names one group; none stands for all groups of a unit any more.
