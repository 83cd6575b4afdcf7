-- What a task of Qencode's clients asked for, and where they reach the service: for its status and its callbacks.
alter table qencode_tasks
    add column address text not null default '',       -- as the client that made it called the service
    add column formats jsonb not null default '[]';    -- in its order: job (a number), ratio, kind, tag
