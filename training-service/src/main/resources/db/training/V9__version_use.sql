-- Unfinished runs of before tell the registry which versions they begin from.
insert into registry.version_use (run_id, model, version)
  select id, from_model, from_version from run
  where state in ('QUEUED', 'RUNNING') and from_model is not null
union
  select id, split_part(options ->> 'encoder', '@', 1), split_part(options ->> 'encoder', '@', 2)::int from run
  where state in ('QUEUED', 'RUNNING') and options ->> 'encoder' like '%@%'
on conflict do nothing;
