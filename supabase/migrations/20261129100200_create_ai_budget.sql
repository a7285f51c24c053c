-- Adds the memory of AI calls: their budget by day (healing_private.ai_budget_days), one row for each request to a model
-- (healing_private.ai_calls), the cached replies (healing_private.ai_replies), the view ai_costs, the settings of the budget,
-- and the functions reserve_ai_call, settle_ai_call, find_ai_reply, store_ai_reply and get_ai_budget.
-- Locks: healing_settings for the moment in which its new constraint is checked against its rows.
-- Undo: drop view public.ai_costs; drop the five functions of public and, in healing_private, ai_budget_limit, ai_price, ai_cost,
--       refuse_ai_call, forget_old_ai_calls and are_ai_prices (after the constraint healing_settings_ai_prices_are_dollars);
--       drop table healing_private.ai_replies, healing_private.ai_calls, healing_private.ai_budget_days;
--       delete from public.healing_settings where key like 'ai\_%'.

create or replace function healing_private.are_ai_prices(p_key text, p_value jsonb)
returns boolean
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_price jsonb;
  v_part jsonb;
begin
  if p_key not in ('ai_model_prices', 'ai_unknown_model_price') then
    return true;
  end if;
  for v_price in
    select value from jsonb_each(case p_key when 'ai_model_prices' then p_value else jsonb_build_object('any', p_value) end) loop
    foreach v_part in array array[v_price -> 'input', v_price -> 'output'] loop
      if jsonb_typeof(v_part) is distinct from 'number' or (v_part #>> '{}')::numeric not between 0 and 100000 then
        return false;
      end if;
    end loop;
  end loop;
  return true;
end;
$$;
revoke all on function healing_private.are_ai_prices(text, jsonb) from public, anon, authenticated;
comment on function healing_private.are_ai_prices(text, jsonb) is
  'Whether the value of a price setting gives each model an input and an output price; true for every other setting.';

alter table public.healing_settings drop constraint if exists healing_settings_ai_prices_are_dollars;
alter table public.healing_settings add constraint healing_settings_ai_prices_are_dollars check (healing_private.are_ai_prices(key, wanted));

insert into public.healing_settings (key, wanted, actual, description)
select key, value, value, description
from (values
  ('ai_daily_tokens', '2000000'::jsonb, 'Tokens that all AI calls of one day (UTC) may use together. 0: no AI.'),
  ('ai_daily_usd', '10', 'US dollars that all AI calls of one day (UTC) may cost together. 0: only models that cost nothing.'),
  ('ai_model_prices', '{}', 'US dollars for a million tokens, by model: {"name": {"input": 1.5, "output": 6}}. 0 is for a model that costs nothing.'),
  ('ai_unknown_model_price', '{"input": 10, "output": 40}', 'US dollars for a million tokens of a model that ai_model_prices does not name; rather too high than too low.'),
  ('ai_record_texts', 'false', 'true: the prompt and the reply of each AI call are kept beside its cost, sanitised and cut.'),
  ('ai_cached_replies', '5000', 'Replies that the cache of AI calls keeps at most.')
) as setting (key, value, description)
on conflict (key) do nothing;

create table if not exists healing_private.ai_budget_days (
  day date primary key,
  committed_tokens bigint not null default 0,
  committed_usd numeric not null default 0,
  refused_count integer not null default 0,
  constraint ai_budget_days_commit_nothing_negative check (committed_tokens >= 0 and committed_usd >= 0)
);
comment on table healing_private.ai_budget_days is
  'What the AI calls of a day (UTC) have used, and what those still running may use: the one place where the budget is checked.';

create table if not exists healing_private.ai_calls (
  id uuid primary key,
  day date not null,
  created_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz,
  model text not null,
  endpoint text not null default '',
  purpose text not null default '',
  function_name text not null default '',
  fingerprint text,
  outcome text not null default 'pending',
  error_type text,
  prompt_tokens bigint not null default 0,
  completion_tokens bigint not null default 0,
  usd numeric not null default 0,
  is_estimate boolean not null default true,
  duration_ms double precision,
  request_id text,
  texts jsonb,
  constraint ai_calls_outcome_is_known check (outcome in ('pending', 'answered', 'cut', 'refused', 'failed', 'cached')),
  constraint ai_calls_only_pending_rows_are_open check ((outcome = 'pending') = (settled_at is null)),
  constraint ai_calls_cost_nothing_negative check (prompt_tokens >= 0 and completion_tokens >= 0 and usd >= 0)
);
create index if not exists ai_calls_day_idx on healing_private.ai_calls (day);
create index if not exists ai_calls_created_at_idx on healing_private.ai_calls (created_at);
comment on table healing_private.ai_calls is
  'One row for each request to a model: what it used, what it cost, how it ended. A row that is never settled keeps what it reserved.';

create table if not exists healing_private.ai_replies (
  fingerprint text not null,
  subject_hash text not null default '',
  model text not null,
  reply text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  primary key (fingerprint, subject_hash),
  constraint ai_replies_are_bounded check (octet_length(reply) <= 262144)
);
create index if not exists ai_replies_expires_at_idx on healing_private.ai_replies (expires_at);
comment on table healing_private.ai_replies is
  'Replies that may be given again until they expire, each to its subject alone; the empty subject is for those that hold nothing personal.';

select healing_private.secure_table(name::regclass)
from unnest(array['healing_private.ai_budget_days', 'healing_private.ai_calls']) as name;

-- Replies are a person's: not even an admin reads them through the API.
alter table healing_private.ai_replies enable row level security;
revoke all on healing_private.ai_replies from public, anon, authenticated, service_role;
drop policy if exists nobody_directly on healing_private.ai_replies;
create policy nobody_directly on healing_private.ai_replies for select to service_role using (false);

create or replace function healing_private.ai_budget_limit(p_key text)
returns numeric
language sql
stable
security invoker
set search_path = ''
as $$
  select (healing_private.setting(p_key) #>> '{}')::numeric;
$$;
revoke all on function healing_private.ai_budget_limit(text) from public, anon, authenticated;
comment on function healing_private.ai_budget_limit(text) is 'The limit of a day as a number: ai_daily_tokens or ai_daily_usd.';

create or replace function healing_private.ai_price(p_model text)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(healing_private.setting('ai_model_prices') -> p_model, healing_private.setting('ai_unknown_model_price'));
$$;
revoke all on function healing_private.ai_price(text) from public, anon, authenticated;
comment on function healing_private.ai_price(text) is 'Dollars for a million tokens of a model, input and output; what nobody has priced has the price of the unknown.';

create or replace function healing_private.ai_cost(p_model text, p_prompt_tokens bigint, p_completion_tokens bigint)
returns numeric
language sql
stable
security invoker
set search_path = ''
as $$
  -- Multiplied and not divided: exact whatever the price.
  select 0.000001 * (p_prompt_tokens * (price ->> 'input')::numeric + p_completion_tokens * (price ->> 'output')::numeric)
  from healing_private.ai_price(p_model) as price;
$$;
revoke all on function healing_private.ai_cost(text, bigint, bigint) from public, anon, authenticated;
comment on function healing_private.ai_cost(text, bigint, bigint) is 'What so many tokens of a model cost in US dollars, exactly.';

create or replace function healing_private.refuse_ai_call(p_call healing_private.ai_calls)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  v_day healing_private.ai_budget_days;
  v_tokens numeric := healing_private.ai_budget_limit('ai_daily_tokens');
  v_usd numeric := healing_private.ai_budget_limit('ai_daily_usd');
  v_asked bigint := p_call.prompt_tokens + p_call.completion_tokens;
  v_is_about_tokens boolean;
begin
  delete from healing_private.ai_calls where id = p_call.id;
  update healing_private.ai_budget_days set refused_count = refused_count + 1 where day = p_call.day returning * into v_day;
  v_is_about_tokens := v_day.committed_tokens + v_asked > v_tokens;
  -- One call that is too dear says nothing about the day.
  if v_asked < v_tokens and p_call.usd < v_usd then
    perform healing_private.notify('high', 'The AI budget of the day is used up',
      format('%s of %s tokens and %s of %s US dollars are used or reserved; further calls are refused until midnight UTC',
        v_day.committed_tokens, v_tokens, round(v_day.committed_usd, 4), v_usd), format('ai-budget:%s', p_call.day));
  end if;
  return jsonb_build_object('decision', 'refused', 'about', case when v_is_about_tokens then 'tokens' else 'usd' end,
    'limit', case when v_is_about_tokens then v_tokens else v_usd end::text,
    'committed', case when v_is_about_tokens then v_day.committed_tokens::text else v_day.committed_usd::text end,
    'asked', case when v_is_about_tokens then v_asked::text else p_call.usd::text end,
    'resets_in_ms', ceil(1000 * extract(epoch from (p_call.day + 1)::timestamp at time zone 'UTC' - clock_timestamp()))::bigint);
end;
$$;
revoke all on function healing_private.refuse_ai_call(healing_private.ai_calls) from public, anon, authenticated;
comment on function healing_private.refuse_ai_call(healing_private.ai_calls) is
  'Takes the row of a call back that does not fit into its day, tells people once a day, and says which limit it met.';

create or replace function healing_private.forget_old_ai_calls()
returns void
language sql
security invoker
set search_path = ''
as $$
  delete from healing_private.ai_calls as c
  using (select id from healing_private.ai_calls
    -- Never one that may still be running.
    where created_at < now() - make_interval(days => greatest((healing_private.setting('retention_days') #>> '{}')::integer, 1))
    order by created_at limit 20 for update skip locked) as old
  where c.id = old.id;
$$;
revoke all on function healing_private.forget_old_ai_calls() from public, anon, authenticated;
comment on function healing_private.forget_old_ai_calls() is
  'Deletes twenty calls past retention_days, if there are any: each settled call takes more away than it adds.';

-- The row of the call first and the day after it, here as in settle_ai_call: nobody can wait for each other.
create or replace function public.reserve_ai_call(p_call jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_call healing_private.ai_calls;
  v_prompt bigint := (p_call ->> 'prompt_tokens')::bigint;
  v_completion bigint := (p_call ->> 'completion_tokens')::bigint;
  v_answer jsonb;
begin
  if coalesce(p_call ->> 'model', '') = '' or p_call ->> 'id' is null or v_prompt is null or v_completion is null
    or v_prompt not between 0 and 1000000000 or v_completion not between 0 and 1000000000 then
    raise exception using errcode = 'PT400', detail = 'BAD_REQUEST', message = 'A call of a model needs an id, the model and the most tokens that it can use',
      hint = 'Send {id, model, prompt_tokens, completion_tokens, …}';
  end if;
  v_answer := jsonb_build_object('decision', 'reserved', 'price', (select jsonb_build_object('input', p ->> 'input', 'output', p ->> 'output')
    from healing_private.ai_price(p_call ->> 'model') as p), 'records_texts', healing_private.setting('ai_record_texts') = 'true');
  insert into healing_private.ai_calls (id, day, model, endpoint, purpose, function_name, fingerprint, prompt_tokens, completion_tokens, usd)
  values ((p_call ->> 'id')::uuid, (clock_timestamp() at time zone 'UTC')::date, left(p_call ->> 'model', 200),
    left(coalesce(p_call ->> 'endpoint', ''), 200), left(coalesce(p_call ->> 'purpose', ''), 200),
    left(coalesce(p_call ->> 'function_name', ''), 200), left(p_call ->> 'fingerprint', 200), v_prompt, v_completion,
    healing_private.ai_cost(p_call ->> 'model', v_prompt, v_completion))
  on conflict (id) do nothing returning * into v_call;
  -- Asked twice, or settled before its reservation arrived: what stands in its row holds.
  if v_call.id is null then
    return v_answer;
  end if;
  insert into healing_private.ai_budget_days (day) values (v_call.day) on conflict (day) do nothing;
  update healing_private.ai_budget_days
  set committed_tokens = committed_tokens + v_prompt + v_completion, committed_usd = committed_usd + v_call.usd
  where day = v_call.day and committed_tokens + v_prompt + v_completion <= healing_private.ai_budget_limit('ai_daily_tokens')
    and committed_usd + v_call.usd <= healing_private.ai_budget_limit('ai_daily_usd');
  return case when found then v_answer else healing_private.refuse_ai_call(v_call) end;
end;
$$;
revoke all on function public.reserve_ai_call(jsonb) from public, anon, authenticated;
grant execute on function public.reserve_ai_call(jsonb) to service_role;
comment on function public.reserve_ai_call(jsonb) is
  'Reserves the most that a request to a model can use, from the budget of the day: {decision: reserved, price, records_texts} or {decision: refused, about, limit, committed, asked, resets_in_ms}. A reservation that is never settled stays counted: the provider may have charged for it.';

create or replace function public.settle_ai_call(p_call jsonb)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_old healing_private.ai_calls;
  v_new healing_private.ai_calls;
begin
  -- A call whose reservation is not there was made while the database could not be reached: it counts all the same.
  insert into healing_private.ai_calls (id, day, model)
  values ((p_call ->> 'id')::uuid, (clock_timestamp() at time zone 'UTC')::date, left(p_call ->> 'model', 200))
  on conflict (id) do nothing;
  select * into strict v_old from healing_private.ai_calls where id = (p_call ->> 'id')::uuid for update;
  if v_old.settled_at is not null then
    return false;
  end if;
  update healing_private.ai_calls
  set settled_at = clock_timestamp(), outcome = p_call ->> 'outcome', error_type = left(p_call ->> 'error_type', 100),
    endpoint = left(coalesce(p_call ->> 'endpoint', endpoint), 200), purpose = left(coalesce(p_call ->> 'purpose', purpose), 200),
    function_name = left(coalesce(p_call ->> 'function_name', function_name), 200),
    fingerprint = left(coalesce(p_call ->> 'fingerprint', fingerprint), 200), duration_ms = (p_call ->> 'duration_ms')::double precision,
    request_id = left(p_call ->> 'request_id', 200), is_estimate = coalesce((p_call ->> 'is_estimate')::boolean, true),
    prompt_tokens = least(greatest((p_call ->> 'prompt_tokens')::bigint, 0), 1000000000),
    completion_tokens = least(greatest((p_call ->> 'completion_tokens')::bigint, 0), 1000000000),
    texts = case when healing_private.setting('ai_record_texts') = 'true' then p_call -> 'texts' end
  where id = v_old.id returning * into v_new;
  v_new.usd := healing_private.ai_cost(v_new.model, v_new.prompt_tokens, v_new.completion_tokens);
  update healing_private.ai_calls set usd = v_new.usd where id = v_new.id;
  insert into healing_private.ai_budget_days as d (day, committed_tokens, committed_usd)
  values (v_new.day, v_new.prompt_tokens + v_new.completion_tokens, v_new.usd)
  on conflict (day) do update set
    committed_tokens = d.committed_tokens + excluded.committed_tokens - v_old.prompt_tokens - v_old.completion_tokens,
    committed_usd = d.committed_usd + excluded.committed_usd - v_old.usd;
  perform healing_private.forget_old_ai_calls();
  return true;
end;
$$;
revoke all on function public.settle_ai_call(jsonb) from public, anon, authenticated;
grant execute on function public.settle_ai_call(jsonb) to service_role;
comment on function public.settle_ai_call(jsonb) is
  'Puts what a request to a model really used in the place of its reservation, once, and records how it ended: {id, model, prompt_tokens, completion_tokens, is_estimate, outcome, …}. False when that was done before.';

create or replace function public.find_ai_reply(p_key jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_reply healing_private.ai_replies;
begin
  select * into v_reply from healing_private.ai_replies
  where fingerprint = p_key ->> 'fingerprint' and subject_hash = p_key ->> 'subject_hash' and expires_at > clock_timestamp();
  if v_reply.fingerprint is null then
    return null;
  end if;
  insert into healing_private.ai_calls (id, day, settled_at, model, purpose, function_name, fingerprint, outcome, is_estimate)
  values (gen_random_uuid(), (clock_timestamp() at time zone 'UTC')::date, clock_timestamp(), v_reply.model,
    left(coalesce(p_key ->> 'purpose', ''), 200), left(coalesce(p_key ->> 'function_name', ''), 200), v_reply.fingerprint, 'cached', false);
  return jsonb_build_object('model', v_reply.model, 'reply', v_reply.reply);
end;
$$;
revoke all on function public.find_ai_reply(jsonb) from public, anon, authenticated;
grant execute on function public.find_ai_reply(jsonb) to service_role;
comment on function public.find_ai_reply(jsonb) is
  'The cached reply {model, reply} for exactly this {fingerprint, subject_hash}, or null; counts it as a call that cost nothing.';

create or replace function public.store_ai_reply(p_reply jsonb)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_most integer := healing_private.ai_budget_limit('ai_cached_replies');
  v_ttl integer := least(greatest((p_reply ->> 'ttl_seconds')::integer, 1), 2592000);
begin
  if v_most = 0 or p_reply ->> 'subject_hash' is null or octet_length(p_reply ->> 'reply') > 262144 then
    return false;
  end if;
  -- Keys in one order, so that two writers cannot wait for each other.
  delete from healing_private.ai_replies as r
  using (select ctid from healing_private.ai_replies where expires_at <= clock_timestamp() order by expires_at limit 100 for update skip locked) as old
  where r.ctid = old.ctid;
  delete from healing_private.ai_replies as r
  using (select ctid from healing_private.ai_replies order by expires_at
    limit greatest((select count(*) from healing_private.ai_replies) - v_most + 1, 0) for update skip locked) as spare
  where r.ctid = spare.ctid;
  insert into healing_private.ai_replies as r (fingerprint, subject_hash, model, reply, expires_at)
  values (left(p_reply ->> 'fingerprint', 200), left(p_reply ->> 'subject_hash', 200), left(p_reply ->> 'model', 200), p_reply ->> 'reply',
    clock_timestamp() + make_interval(secs => v_ttl))
  on conflict (fingerprint, subject_hash) do update set model = excluded.model, reply = excluded.reply, created_at = clock_timestamp(),
    expires_at = excluded.expires_at;
  return true;
end;
$$;
revoke all on function public.store_ai_reply(jsonb) from public, anon, authenticated;
grant execute on function public.store_ai_reply(jsonb) to service_role;
comment on function public.store_ai_reply(jsonb) is
  'Keeps a reply for its subject: {fingerprint, subject_hash, model, reply, ttl_seconds}, at most 30 days and 256 kB; the ones that expire soonest make room.';

create or replace view public.ai_costs with (security_invoker = on) as
select day, model, endpoint, purpose, function_name,
  count(*) as calls,
  count(*) filter (where outcome in ('answered', 'cut')) as answered,
  count(*) filter (where outcome = 'failed') as failed,
  count(*) filter (where outcome = 'refused') as refused,
  count(*) filter (where outcome = 'cached') as cached,
  count(*) filter (where outcome = 'pending' and created_at > clock_timestamp() - interval '15 minutes') as running,
  count(*) filter (where outcome = 'pending' and created_at <= clock_timestamp() - interval '15 minutes') as lost,
  sum(prompt_tokens) as prompt_tokens, sum(completion_tokens) as completion_tokens, sum(usd) as usd,
  coalesce(sum(usd) filter (where is_estimate), 0) as estimated_usd,
  percentile_cont(0.5) within group (order by duration_ms) as median_duration_ms
from healing_private.ai_calls
group by day, model, endpoint, purpose, function_name;
revoke all on public.ai_costs from public, anon, authenticated, service_role;
grant select on public.ai_costs to service_role, authenticated;
comment on view public.ai_costs is
  'What AI cost by day (UTC), model and purpose: select * from ai_costs where day = current_date. Lost calls never told their end and keep their whole reservation.';

create or replace function public.get_ai_budget()
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object('day', today, 'limit_tokens', t.wanted, 'limit_usd', u.wanted, 'committed_tokens', coalesce(d.committed_tokens, 0),
    'committed_usd', coalesce(d.committed_usd, 0)::text, 'refused', coalesce(d.refused_count, 0))
  from (select (clock_timestamp() at time zone 'UTC')::date as today) as now
  join public.healing_settings as t on t.key = 'ai_daily_tokens' join public.healing_settings as u on u.key = 'ai_daily_usd'
  left join healing_private.ai_budget_days as d on d.day = today;
$$;
revoke all on function public.get_ai_budget() from public, anon, authenticated;
grant execute on function public.get_ai_budget() to authenticated, service_role;
comment on function public.get_ai_budget() is
  'The AI budget of today (UTC): both limits, what is used or reserved, and how many calls were refused. Null for who may not see it.';

notify pgrst, 'reload schema';
