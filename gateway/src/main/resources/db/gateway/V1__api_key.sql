-- API keys. The secret is not here: only the SHA-256 of the whole key.
create table api_key (
  prefix text primary key,
  sha256 bytea not null check (length(sha256) = 32),
  name text not null,
  scope text not null check (scope in ('USE', 'ADMIN')),
  created_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);
