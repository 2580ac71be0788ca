-- What a dataset holds, and how it takes documents: one value each, whatever the kind.
alter table dataset add column content jsonb, add column documents jsonb;

update dataset set
  documents = '{"duplicate_ids": "KEEP", "plain_values": "REJECT", "rejected_warn_percent": 1}',
  content = case kind
    when 'TEXT' then jsonb_build_object(
      'kind', 'text', 'pack_length', pack_length, 'tokenizer',
      case when tokenizer_location is not null then jsonb_build_object(
        'location', tokenizer_location, 'sha256', tokenizer_sha256, 'vocab_size', vocab_size) end)
    else jsonb_build_object(
      'kind', 'images', 'width', image_width, 'height', image_height, 'classes', to_jsonb(classes))
  end;

alter table dataset
  alter column content set not null,
  alter column documents set not null,
  drop column kind,
  drop column pack_length,
  drop column image_width,
  drop column image_height,
  drop column classes,
  drop column vocab_size,
  drop column tokenizer_location,
  drop column tokenizer_sha256;

-- What whoever learns from a snapshot should know first.
alter table snapshot add column warnings text[] not null default '{}';
