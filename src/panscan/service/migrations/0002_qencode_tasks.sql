-- Tasks of Qencode's clients. The name of a task is that of its first job: it shows the state, and starts it once.
create table qencode_tasks (
    id text primary key,                       -- 128 random bits
    account_id text not null references accounts (id) on delete cascade,
    token_hash bytea not null,                 -- of the token that made it: the task starts while that is not void
    created_at timestamptz not null default now()
);
create index qencode_tasks_of_account on qencode_tasks (account_id, created_at);
