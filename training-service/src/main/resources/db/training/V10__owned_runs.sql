-- A run that is paused waits for nobody, keeps its model and its dataset, and resumes from its newest checkpoint.
alter table run drop constraint run_state_check;
alter table run add constraint run_state_check
  check (state in ('QUEUED', 'RUNNING', 'PAUSED', 'SUCCEEDED', 'FAILED', 'CANCELLED'));
alter table run add pause_requested boolean not null default false;

-- A deleted run is shown to nobody. Its row stays: runs that begin from its versions have its preset.
alter table run add deleted_at timestamptz;
create index run_newest on run (created_at desc, id) where deleted_at is null;

-- Every step's loss and learning rate.
create table run_point (
  run_id text not null references run on delete cascade,
  step bigint not null,
  loss double precision not null,
  learning_rate double precision not null,
  primary key (run_id, step)
);

-- What happened to a run, for people.
create table run_log (
  run_id text not null references run on delete cascade,
  number bigint not null,
  at timestamptz not null,
  text text not null,
  primary key (run_id, number)
);
