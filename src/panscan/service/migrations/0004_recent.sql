-- What ended lately is counted again and again, and what ended long ago is forgotten.
create index jobs_ended on jobs (ended_at) where ended_at is not null;
create index deliveries_ended on deliveries (ended_at) where ended_at is not null;
create index events_at on events (at);
create index messages_at on messages (at);
