-- Which versions are to serve: a model's last promotion counts, and goes before all others.
create table model (
  name text primary key,
  policy jsonb not null,
  -- Whether new checkpoints are promoted by nobody but a person.
  pinned boolean not null default false
);

create table promotion (
  model text not null references model,
  number bigint not null check (number > 0),
  version int not null,
  reason text not null,
  promoted_at timestamptz not null,
  primary key (model, number),
  foreign key (model, version) references model_version
);

insert into model (name, policy)
select distinct model, '{"kind": "automatic"}'::jsonb from model_version;

insert into promotion (model, number, version, reason, promoted_at)
select model, version, version, 'automatic', created_at from model_version;
