-- The mark of a session's first row with a stall fed a rate that divided what stalled in a span by what began in it. That
-- rate is gone (0004); who stalled is counted by users.

ALTER TABLE samples{local} {on_cluster} DROP COLUMN IF EXISTS stalled;
ALTER TABLE samples {on_cluster} DROP COLUMN IF EXISTS stalled;
