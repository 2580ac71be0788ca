-- In which numbers a model is trained; the default is what runs did before there was a choice.
alter table run add precision text not null default 'f32' check (precision in ('f32', 'bf16', 'fp8'));
