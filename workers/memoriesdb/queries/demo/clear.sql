-- Remove what an earlier demo has left with this user; gives how many.
with gone as (
  delete from memoriesdb.memories as m
  where m.owner_id = memoriesdb.current_user_id() and m.stream in ('wonderland', 'baker street')
  returning m.id
)

select count(*)::integer from gone;
