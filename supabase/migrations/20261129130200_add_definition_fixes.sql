-- Adds the kinds of fixes that mend what a key or a function lacks: a unique index for `on conflict`, a schema on a function's path.
-- Locks: none.
-- Undo: delete from healing_private.fix_kinds where kind in ('create_unique_index', 'qualify_search_path').

insert into healing_private.fix_kinds (kind, action_group, least_risk, least_risk_at_runtime)
values ('create_unique_index', 'database', 'medium', 'medium'), ('qualify_search_path', 'database', 'medium', 'medium')
on conflict (kind) do nothing;
