-- Which of a run's checkpoints are to serve, and which are kept; null: as the model says. The registry has it too, for
-- whoever promotes and deletes.
alter table run add policy jsonb, add retention jsonb;
