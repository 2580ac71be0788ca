-- What a run's snapshot warns of: kept with the run, which outlives its dataset.
alter table run add warnings text[] not null default '{}';
update run set warnings = s.warnings
  from registry.snapshot s where s.dataset = run.dataset and s.version = run.snapshot;
alter table run alter warnings drop default;
