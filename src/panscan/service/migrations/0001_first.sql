-- Plans are data: what an account may do, and how much of it.
create table plans (
    name text primary key,
    monthly_s numeric(12, 3),                  -- seconds of source a month; null: without end
    ratios text[],                             -- null: any
    presets text[],                            -- of panscan's own; null: any
    custom_presets boolean not null default false,
    priority smallint not null default 10,     -- 10, 20, 25 or 30: the higher goes first
    features text[] not null default '{}'      -- 'webhooks', 'streams', 'destinations'
);

create table accounts (
    id text primary key,
    name text not null unique,
    plan text not null references plans (name),
    created_at timestamptz not null default now(),
    disabled_at timestamptz
);

create table tokens (
    id text primary key,
    account_id text not null references accounts (id) on delete cascade,
    hash bytea not null unique,                -- SHA-256 of a token of 192 random bits
    role text not null check (role in ('reader', 'writer', 'admin')),
    note text not null default '',
    created_at timestamptz not null default now(),
    revoked_at timestamptz
);

create table presets (
    account_id text not null references accounts (id) on delete cascade,
    name text not null,
    settings jsonb not null,
    updated_at timestamptz not null default now(),
    primary key (account_id, name)
);

create table connections (
    account_id text not null references accounts (id) on delete cascade,
    name text not null,
    settings jsonb not null,                   -- what may be shown: the store, its bucket, its region
    sealed bytea,                              -- keys
    created_at timestamptz not null default now(),
    primary key (account_id, name)
);

create table jobs (
    id text primary key,
    sequence bigint generated always as identity unique,
    account_id text not null references accounts (id) on delete cascade,
    spec jsonb not null,                       -- as asked, without secrets
    sealed bytea,                              -- its secrets
    state text not null,
    stage text not null default '',
    percent smallint not null default 0,
    priority smallint not null,
    attempt integer not null default 0,        -- raised by each claim; whoever writes says which is his
    run integer not null default 1,            -- raised when a person asks for the same again
    retries integer not null default 0,        -- of this run, after errors that may pass
    kills jsonb not null default '{}',         -- how often the work was killed, by stage
    is_cancelled boolean not null default false,
    has_worked boolean not null default false, -- in this run: a stage after the ingest has begun
    source_s numeric(12, 3),
    warnings jsonb not null default '[]',
    flags jsonb not null default '{}',
    verdicts jsonb not null default '{}',
    outputs jsonb not null default '[]',
    error jsonb,
    payload text,
    worker text,
    created_at timestamptz not null default now(),
    queued_at timestamptz,
    started_at timestamptz,
    heartbeat_at timestamptz,
    ended_at timestamptz,
    files_until timestamptz,
    files_removed_at timestamptz
);
create index jobs_of_account on jobs (account_id, sequence desc);
create index jobs_at_work on jobs (state) where ended_at is null;
create index jobs_with_files on jobs (files_until) where files_removed_at is null and ended_at is not null;

create table events (
    id bigint generated always as identity primary key,
    job_id text not null references jobs (id) on delete cascade,
    kind text not null,
    data jsonb not null,
    at timestamptz not null default now()
);
create index events_of_job on events (job_id, id);

-- The ledger is kept when a job is deleted: what was used was used.
create table minutes (
    id bigint generated always as identity primary key,
    account_id text not null references accounts (id) on delete cascade,
    job_id text not null,
    run integer not null,
    kind text not null check (kind in ('count', 'release')),
    seconds numeric(12, 3) not null,
    period date not null,                      -- first day of the month in which it was counted, UTC
    at timestamptz not null default now(),
    unique (job_id, run, kind)
);
create index minutes_of_account on minutes (account_id, period);

create table uploads (
    id text primary key,
    account_id text not null references accounts (id) on delete cascade,
    file_name text not null default '',
    length_bytes bigint,
    offset_bytes bigint not null default 0,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);

create table idempotency (
    account_id text not null references accounts (id) on delete cascade,
    key text not null,
    body_sha256 bytea not null,
    status integer,                            -- null: still in flight
    answer jsonb,
    created_at timestamptz not null default now(),
    primary key (account_id, key)
);

create table webhook_endpoints (
    id text primary key,
    account_id text not null references accounts (id) on delete cascade,
    url text not null,
    events text[] not null default '{}',       -- empty: all
    sealed bytea not null,                     -- a JSON list of secrets, the newest first
    created_at timestamptz not null default now(),
    failing_since timestamptz,
    disabled_at timestamptz
);

-- What happened, to be told: written in the transaction in which it happened.
create table messages (
    id text primary key,
    account_id text not null references accounts (id) on delete cascade,
    job_id text not null,
    kind text not null,
    data jsonb not null,
    at timestamptz not null default now()
);

create table deliveries (
    id bigint generated always as identity primary key,
    message_id text not null references messages (id) on delete cascade,
    endpoint_id text references webhook_endpoints (id) on delete cascade, -- null: the job's own webhook
    state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
    attempts integer not null default 0,
    next_at timestamptz not null default now(),
    last_status integer,
    last_error text not null default '',
    ended_at timestamptz,
    unique nulls not distinct (message_id, endpoint_id)
);
create index deliveries_waiting on deliveries (next_at) where state = 'waiting';

insert into plans (name, monthly_s, ratios, presets, custom_presets, priority, features) values
    ('free', 60 * 60, '{"9:16"}', null, false, 10, '{}'),
    ('starter', 600 * 60, null, null, false, 20, '{destinations}'),
    ('pro', 6000 * 60, null, null, true, 25, '{destinations,streams,webhooks}'),
    ('unlimited', null, null, null, true, 30, '{destinations,streams,webhooks}');
