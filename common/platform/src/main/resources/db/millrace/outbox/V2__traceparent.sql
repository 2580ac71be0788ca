-- The trace context that an event was decided on in; null: none, or none that is recorded.
alter table outbox add column traceparent text;
