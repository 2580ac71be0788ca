-- How language models learn; the defaults are what runs did before there was a choice.
alter table run add accumulation int not null default 1 check (accumulation > 0);
alter table run add recompute_every int not null default 0 check (recompute_every >= 0);
alter table run add ema_decay double precision not null default 0 check (ema_decay >= 0 and ema_decay < 1);
alter table run add documents text not null default 'isolated' check (documents in ('isolated', 'crossing'));
