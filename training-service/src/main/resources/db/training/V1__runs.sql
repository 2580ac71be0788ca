-- Runs and who works on them; see io.millrace.training.run and io.millrace.training.lease.
create table run (
  id text primary key,
  model text not null,
  task text not null,
  dataset text not null,
  snapshot int not null check (snapshot > 0),
  preset text not null,
  steps bigint not null check (steps > 0),
  batch_size int not null check (batch_size > 0),
  learning_rate double precision not null check (learning_rate > 0),
  checkpoint_every bigint not null check (checkpoint_every >= 0),
  checkpoint_at_start boolean not null,
  seed bigint not null,
  state text not null check (state in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  error text not null,
  cancel_requested boolean not null,
  progress jsonb not null,
  attempts int not null,
  -- Attempts that ended without a trace (a crash, a lost lease) since the last checkpoint.
  stalled_attempts int not null,
  -- Grows with every claim: what a trainer publishes must carry the newest.
  fencing_token bigint not null,
  owner text,
  -- By this database's clock, the only one that all trainers share.
  lease_until timestamptz,
  -- Grows with every change of the row.
  revision bigint not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  check ((state = 'RUNNING') = (owner is not null)),
  check ((state = 'RUNNING') = (lease_until is not null)),
  check ((state in ('SUCCEEDED', 'FAILED', 'CANCELLED')) = (finished_at is not null))
);

create index run_unfinished on run (created_at) where state in ('QUEUED', 'RUNNING');
create index run_model on run (model, created_at);
