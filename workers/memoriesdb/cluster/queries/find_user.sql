-- The active user of this id, or else of exactly this name.
select u.id, u.username
from memoriesdb.users as u
where u.is_active
  and case
    when %(user_id)s::uuid is null then u.username = %(username)s::text
    else u.id = %(user_id)s::uuid
  end
