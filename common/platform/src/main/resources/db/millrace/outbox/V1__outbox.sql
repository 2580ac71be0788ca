-- Events that were decided on in a transaction and are still to be published; see Outbox and OutboxRelay.
create table outbox (
  position bigint generated always as identity primary key,
  event_id uuid not null unique,
  topic text not null,
  key text not null,
  type text not null,
  time timestamptz not null,
  payload bytea not null
);
