-- A deleted version keeps its row: its number is not used again, and who asks for it is told what became of it. Its
-- files are deleted after the row was marked, and then it is collected.
alter table model_version
  -- Of its files in bytes; null: published before sizes were kept, and not measured yet.
  add bytes bigint check (bytes >= 0),
  add deleted_at timestamptz,
  add deleted_why text,
  add collected_at timestamptz,
  add check ((deleted_at is null) = (deleted_why is null)),
  add check (collected_at is null or deleted_at is not null);
create index model_version_uncollected on model_version (deleted_at) where deleted_at is not null and collected_at is null;

-- Which versions of a model are kept; null: as the platform does it.
alter table model add retention jsonb;

-- What replicas serve; a row that was not renewed for a while counts no more.
create table served (
  replica text not null,
  model text not null,
  version int not null,
  seen_at timestamptz not null,
  primary key (replica, model)
);

-- Versions that runs which are not finished begin from.
create table version_use (
  run_id text not null,
  model text not null,
  version int not null,
  primary key (run_id, model, version)
);
create index version_use_of_model on version_use (model);
