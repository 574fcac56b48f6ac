-- Make a user; gives the id.
select memoriesdb.create_user(
  username => %(username)s::text, email => %(email)s::text, role => %(role)s::text
);
