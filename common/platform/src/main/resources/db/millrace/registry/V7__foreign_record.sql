-- Records among the prepared ones of a dataset that its preparation did not write, found by a repair: nobody reads them.
create table foreign_record (
  dataset text not null references dataset on delete cascade,
  topic text not null,
  partition int not null,
  record_offset bigint not null,
  primary key (dataset, topic, partition, record_offset)
);
