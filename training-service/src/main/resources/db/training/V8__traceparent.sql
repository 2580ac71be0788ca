-- The trace context that a run was asked for in; null: none, or none that is recorded.
alter table run add column traceparent text;
