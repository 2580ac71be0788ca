-- A task's options are its own: one column for all of them, checked by the task alone.
alter table run add options jsonb not null default '{}';
update run set options = jsonb_build_object(
    'accumulation', accumulation, 'recompute_every', recompute_every, 'ema_decay', ema_decay,
    'documents', documents, 'precision', precision)
  where task = 'language';
alter table run alter options drop default;
alter table run drop accumulation, drop recompute_every, drop ema_decay, drop documents, drop precision;

-- How the learning rate goes; the default is what runs did before there was a choice.
alter table run add schedule text not null default 'cosine'
  check (schedule in ('constant', 'cosine', 'warmup-stable-decay', 'deepseek-v3'));
alter table run alter schedule drop default;

-- The published model that a run began from.
alter table run add from_model text, add from_version int check (from_version > 0);
alter table run add check ((from_model is null) = (from_version is null));
