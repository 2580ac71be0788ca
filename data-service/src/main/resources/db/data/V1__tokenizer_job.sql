-- Tokenizers being trained. A job whose owner died (no heartbeat) is taken over and begun anew.
create table tokenizer_job (
  dataset text primary key,
  vocab_size int not null,
  -- End offset of each partition of the documents topic when the job was asked for.
  until bigint[] not null,
  state text not null check (state in ('RUNNING', 'DONE', 'FAILED')),
  documents bigint not null default 0,
  merges int not null default 0,
  error text,
  owner uuid,
  heartbeat_at timestamptz,
  created_at timestamptz not null
);
