-- What runs brought along for their own versions, in place of what their models say; null: as the model says.
create table run_rules (
  run_id text primary key,
  model text not null,
  policy jsonb,
  retention jsonb,
  check (policy is not null or retention is not null)
);
create index run_rules_of_model on run_rules (model);
