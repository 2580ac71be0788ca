-- What the services share. Written through io.millrace.platform.registry.Registry only.
create table dataset (
  name text primary key,
  kind text not null check (kind in ('TEXT', 'IMAGES')),
  pack_length int not null,
  image_width int not null,
  image_height int not null,
  heldout_percent double precision not null,
  classes text[] not null,
  vocab_size int not null,
  tokenizer_location text,
  tokenizer_sha256 text,
  created_at timestamptz not null,
  check ((tokenizer_location is null) = (tokenizer_sha256 is null))
);

create table snapshot (
  dataset text not null references dataset,
  version int not null check (version > 0),
  sha256 text not null,
  counts jsonb not null,
  created_at timestamptz not null,
  primary key (dataset, version)
);

create table snapshot_range (
  dataset text not null,
  version int not null,
  heldout boolean not null,
  topic text not null,
  partition int not null,
  begin_offset bigint not null,
  end_offset bigint not null check (end_offset >= begin_offset),
  records bigint not null check (records >= 0 and records <= end_offset - begin_offset),
  primary key (dataset, version, topic, partition, begin_offset),
  foreign key (dataset, version) references snapshot
);

create table model_version (
  model text not null,
  version int not null check (version > 0),
  task text not null,
  run_id text not null,
  fencing_token bigint not null,
  step bigint not null,
  location text not null unique,
  manifest_sha256 text not null,
  metrics jsonb not null,
  created_at timestamptz not null,
  primary key (model, version)
);

create index model_version_of_run on model_version (run_id);
