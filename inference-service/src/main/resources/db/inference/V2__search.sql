-- Vectors of a dataset's documents, by one version of a model at a time.
create table search_index (
  name text primary key,
  model text not null,
  dataset text not null,
  -- Of the model, whose vectors the items are; 0: none yet.
  model_version integer not null default 0,
  -- Why filling it does not go on; null: it does.
  trouble text,
  created_at timestamptz not null
);

-- Up to where the dataset's records are in an index.
create table search_position (
  index_name text not null references search_index on delete cascade,
  topic text not null,
  part integer not null,
  next_offset bigint not null,
  primary key (index_name, topic, part)
);

create table search_item (
  index_name text not null references search_index on delete cascade,
  topic text not null,
  part integer not null,
  record_offset bigint not null,
  -- Of the document in its record.
  place integer not null,
  document_id text not null,
  -- How the text begins; empty for pictures.
  excerpt text not null,
  -- float32, little endian, of length one.
  vector bytea not null,
  primary key (index_name, topic, part, record_offset, place)
);
