-- Long movies are worked on in parts, which several workers may do at once.
create table parts (
    job_id text not null references jobs (id) on delete cascade,
    name text not null,
    number bigint generated always as identity, -- the order in which they are taken
    stage text not null,
    what jsonb not null,                       -- what is to be done
    size bigint not null,                      -- its share of the stage, for the progress
    version text not null,                     -- of panscan: no other one does it
    state text not null default 'waiting' check (state in ('waiting', 'taken', 'done')),
    tries integer not null default 0,          -- raised by each helper; whoever writes says which is his
    failures integer not null default 0,       -- how often a helper failed or was killed
    worker text,                               -- the last helper
    attempt integer,                           -- of the job, where its own process is at work on this part
    heartbeat_at timestamptz,                  -- of a helper
    primary key (job_id, name)
);
create index parts_taken on parts (heartbeat_at) where state = 'taken';
