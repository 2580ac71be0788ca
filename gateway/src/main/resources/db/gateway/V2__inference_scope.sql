-- Keys that may ask models and do nothing else.
alter table api_key drop constraint api_key_scope_check;
alter table api_key add constraint api_key_scope_check check (scope in ('INFERENCE', 'USE', 'ADMIN'));
