/** Who may do what, as lines of the schema dump. @module */

/**
 * A query for the grants of the objects in `from`, one line a role. The owner may do everything and is left out;
 * MAINTAIN is younger than Postgres 15.
 */
export function grantLines(from: string, acl: string, owner: string): string {
  return `
    select object, 90 as rank, 0 as place,
      format('grant %s to %s', string_agg(right_name, ', ' order by right_name collate "C"), role) as line
    from (
      select distinct object, coalesce(r.rolname, 'public') as role,
        lower(privilege_type) || case when is_grantable then ' with grant option' else '' end as right_name
      from ${from} cross join lateral aclexplode(${acl}) left join pg_roles r on r.oid = grantee
      where grantee <> ${owner} and privilege_type <> 'MAINTAIN'
    ) as rights
    group by object, role`;
}
