-- Runs of before tell the platform, too, what they learn or learned from.
insert into registry.lineage (run_id, model, dataset, snapshot, snapshot_sha256, counts, sealed_at, in_use)
  select run.id, run.model, run.dataset, run.snapshot, s.sha256, s.counts, s.created_at,
    run.state in ('QUEUED', 'RUNNING')
  from run join registry.snapshot s on s.dataset = run.dataset and s.version = run.snapshot
  on conflict do nothing;
