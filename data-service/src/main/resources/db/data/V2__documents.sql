-- Ids of datasets that reject or replace repeated ones; the place is that of the document that has the id.
create table document_id (
  dataset text not null,
  -- When the dataset was created: another one may have had its name before.
  created_at timestamptz not null,
  -- The first 128 bits of the id's SHA-256.
  id uuid not null,
  partition int not null,
  document_offset bigint not null,
  -- Where later documents replace earlier ones: the records that this one became.
  split text,
  first_record bigint,
  records int,
  primary key (dataset, created_at, id)
);

-- Documents that a later one took the place of.
create table replaced_document (
  dataset text not null,
  created_at timestamptz not null,
  partition int not null,
  document_offset bigint not null,
  split text not null,
  first_record bigint not null,
  records int not null,
  -- Place of the later one: snapshots that hold it leave this one out.
  by_partition int not null,
  by_offset bigint not null,
  primary key (dataset, created_at, partition, document_offset)
);

-- Uploads with an Idempotency-Key, forgotten after a while. One that is going on has an owner with a heartbeat.
create table upload (
  dataset text not null,
  dataset_created_at timestamptz not null,
  key text not null,
  -- Marks the upload's documents in the log.
  id uuid not null,
  -- End offset of each partition of the documents topic when the upload first began.
  begins bigint[] not null,
  -- Number of documents once it is complete.
  documents bigint,
  owner uuid,
  heartbeat_at timestamptz,
  created_at timestamptz not null,
  primary key (dataset, dataset_created_at, key)
);

-- Up to where rejected documents were replayed.
create table replay (
  dataset text not null,
  partition int not null,
  next_offset bigint not null,
  primary key (dataset, partition)
);
