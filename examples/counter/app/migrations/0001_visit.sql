-- runner: expand
create table visit (id bigint generated always as identity primary key, at timestamptz not null default now());
