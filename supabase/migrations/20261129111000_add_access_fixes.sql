-- Adds the kinds of fixes that mend policies, rights, buckets, sign-up triggers and the interface's copy of the schema.
-- Locks: none.
-- Undo: delete from healing_private.fix_kinds where kind in ('replace_policy', 'grant_privilege', 'create_bucket',
--       'repair_signup_trigger', 'set_view_invoker', 'reload_schema_cache', 'reset_connection').

insert into healing_private.fix_kinds (kind, action_group, least_risk, least_risk_at_runtime)
values ('replace_policy', 'database', 'high', 'high'), ('grant_privilege', 'database', 'medium', 'medium'),
  ('create_bucket', 'database', 'medium', 'medium'), ('repair_signup_trigger', 'database', 'high', 'high'),
  ('set_view_invoker', 'database', 'high', 'high'), ('reload_schema_cache', 'database', 'low', 'low'),
  ('reset_connection', 'call', 'low', 'low')
on conflict (kind) do nothing;
