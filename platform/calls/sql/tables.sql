-- Calls while they last and after.

-- (uuid, node, boot) is a call's name, and this row the one arbiter of who may be admitted under it. It stays after the
-- call until calls_forget_keys, so a repeated Decide never holds twice. It is only inserted and deleted, never updated.
create table calls_callkey (
    id bigint primary key,
    uuid text not null check (length(uuid) between 1 and 128),
    node int not null,
    boot text not null check (length(boot) <= 128),
    constraint calls_callkey_name unique (uuid, node, boot)
);

create table calls_livecall (
    id bigint primary key,
    uuid text not null,
    node int not null,
    boot text not null,
    operator_id bigint not null,
    -- What each level may see of the call: {"<operator id>": {"customer": .., "number": .., ..}}. The other levels'
    -- prices stand in `chain`, so the web reads live calls only through calls_live().
    labels jsonb not null,
    -- Read and written as a whole only, so they stay the text they came as.
    chain json not null,
    answer json not null,
    granted_seconds int not null,
    state text not null default 'trying' check (state in ('trying', 'ringing', 'answered', 'ended')),
    created_at timestamptz not null default now(),
    answered_at timestamptz,
    last_seen_at timestamptz not null default now(),
    deadline_at timestamptz not null,
    -- The route that answered, as far as an event has told it.
    route_index smallint
) with (fillfactor = 60, toast_tuple_target = 8160);
-- These rows live for minutes: packing them costs more than their place.

create table calls_call (
    id bigint not null,
    operator_id bigint not null,
    revision smallint not null default 0,
    level smallint not null,
    uuid text not null default '',
    node int,
    customer_id bigint,
    customer_label text not null default '',
    device_id bigint,
    device_label text not null default '',
    provider_id bigint,
    provider_label text not null default '',
    caller text not null default '',
    called text not null default '',
    prefix text not null default '',
    destination text not null default '',
    route_index smallint,
    started_at timestamptz not null,
    answered_at timestamptz,
    ended_at timestamptz not null,
    talk_seconds int not null default 0,
    billed_seconds int not null default 0,
    buy_seconds int not null default 0,
    sell numeric(30, 10) not null default 0,
    sell_currency text not null default '',
    sell_base numeric(30, 10) not null default 0,
    buy numeric(30, 10) not null default 0,
    buy_currency text not null default '',
    buy_base numeric(30, 10) not null default 0,
    base_currency text not null default '',
    bought_from text not null default '',
    tariff_id bigint,
    rate numeric(30, 10),
    fx numeric(30, 12),
    cause smallint not null default 0,
    ended_by text not null default '',
    estimated boolean not null default false,
    -- Of the record this row came from, on the row of level 0: the same record again is a repetition, another is not.
    fingerprint bigint,
    created_at timestamptz not null default now(),
    primary key (id, operator_id, revision)
) partition by range (id);
create index calls_call_list on calls_call (operator_id, id);

create table calls_attempt (
    id bigint not null,
    index smallint not null,
    revision smallint not null default 0,
    operator_id bigint not null,
    provider_id bigint not null,
    provider_label text not null default '',
    number text not null default '',
    started_at timestamptz not null,
    answered_at timestamptz,
    ended_at timestamptz not null,
    talk_seconds int not null default 0,
    cause smallint not null default 0,
    sip_code smallint not null default 0,
    primary key (id, index, revision)
) partition by range (id);
create index calls_attempt_list on calls_attempt (operator_id, id);

-- What it takes to correct a call that was settled by estimate, until calls_forget_keys.
create table calls_estimated (
    id bigint primary key,
    operator_id bigint not null,
    labels jsonb not null,
    chain json not null,
    created_at timestamptz not null
);
