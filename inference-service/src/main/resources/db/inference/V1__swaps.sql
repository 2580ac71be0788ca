-- What became of every checkpoint that this service tried to serve.
create table swap (
  id bigint generated always as identity primary key,
  model text not null,
  version integer not null,
  outcome text not null check (outcome in ('serving', 'rejected')),
  digest text not null,
  reason text,
  load_ms double precision not null,
  at timestamptz not null
);
create index swap_model on swap (model, id desc);
