-- Erase a user and all that is his; the receipt.
select memoriesdb.erase_user(user_id => %(user_id)s::uuid);
