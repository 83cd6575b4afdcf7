-- When killed workers were looked for: where that was long ago, nobody reached the database, and so no worker could give
-- a sign of life. Those are counted from when it is reached again.
create table sweeps (
    is_only boolean primary key default true check (is_only),
    at timestamptz not null,
    since timestamptz not null default '-infinity' -- from then on they followed each other
);
