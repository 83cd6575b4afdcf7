-- Buckets that are looked at: each new movie becomes a job.
create table watches (
    account_id text not null references accounts (id) on delete cascade,
    name text not null,
    connection text not null,                  -- a stored one; below its prefix is looked
    request jsonb not null,                    -- of each job, without its source; it holds no secrets
    is_dated boolean not null default false,   -- whether later movies have keys later in the alphabet
    start_after text not null default '',      -- of these: the last key that was taken
    takes_existing boolean not null default false,
    looked_at timestamptz,
    error jsonb,                               -- of the last look
    primary key (account_id, name)
);

create table taken_objects (
    account_id text not null references accounts (id) on delete cascade,
    idempotency_key text not null,             -- of account, bucket, key and version
    job_id text,                               -- null: it was there before the watch
    at timestamptz not null default now(),
    primary key (account_id, idempotency_key)
);
