-- Let nobody act as this user any more; gives whether the user was active.
select memoriesdb.deactivate_user(user_id => %(user_id)s::uuid);
