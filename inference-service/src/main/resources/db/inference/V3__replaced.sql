-- Of a dataset in which documents take the place of earlier ones: offset of the document, and when it was prepared.
alter table search_item add column document_offset bigint;
alter table search_item add column prepared_at timestamptz;
create index search_item_document on search_item (index_name, document_id) where document_offset is not null;
