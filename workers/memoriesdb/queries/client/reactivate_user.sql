-- Let sessions act as this user again; gives whether the user was inactive.
select memoriesdb.reactivate_user(user_id => %(user_id)s::uuid);
