-- What every run learns or learned from. Rows outlive their dataset: a model keeps its history.
create table lineage (
  run_id text primary key,
  model text not null,
  dataset text not null,
  snapshot int not null check (snapshot > 0),
  snapshot_sha256 text not null,
  counts jsonb not null,
  sealed_at timestamptz not null,
  -- Whether the run still needs the dataset.
  in_use boolean not null,
  -- When the dataset was deleted, after the run or under it.
  dataset_deleted_at timestamptz
);
create index lineage_of_dataset on lineage (dataset) where in_use;

-- A dataset that is being deleted, topics first, is no run's any more.
alter table dataset add deleting boolean not null default false;
