create or replace function memoriesdb.remember_many(items jsonb, idempotency_key text default null)
returns setof uuid
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_keys constant text[] := array[
    'content', 'kind', 'metadata', 'stream', 'importance', 'occurred_at', 'expires_at',
    'is_encrypted'
  ];
  v_bad record;
  v_kept uuid[];
begin
  if items is null or jsonb_typeof(items) <> 'array' then
    raise exception 'items is not a JSON array' using
      errcode = 'MD107', hint = 'Give [{"content": "…"}, …].';
  end if;
  select i.position - 1 as index, coalesce(quote_ident(k.key), 'no object') as what
  into v_bad
  from jsonb_array_elements(items) with ordinality as i (item, position)
  left join lateral jsonb_object_keys(
    case jsonb_typeof(i.item) when 'object' then i.item end
  ) as k (key)
    on true
  where jsonb_typeof(i.item) <> 'object'
    or k.key <> all (v_keys)
    or (
      k.key in ('content', 'kind', 'stream')
      and jsonb_typeof(i.item -> k.key) not in ('string', 'null')
    )
  order by i.position
  limit 1;
  if found then
    raise exception 'an item has an unknown key, no text where one must be, or is no object' using
      errcode = 'MD107',
      detail = format('Item %s (from 0): %s.', v_bad.index, v_bad.what),
      hint = format('The keys are %s; the first two and stream are texts.',
        array_to_string(v_keys, ', '));
  end if;
  -- As in remember().
  perform memoriesdb._require_scope('read');
  if idempotency_key is not null then
    v_kept := memoriesdb._retried(idempotency_key, array(
      select i.item ->> 'content'
      from jsonb_array_elements(items) with ordinality as i (item, position)
      order by i.position
    ));
    if v_kept is not null then
      return query
      select k.id from unnest(v_kept) with ordinality as k (id, number) order by k.number;
      return;
    end if;
  end if;
  -- The trigger `stamp` numbers and names rows in the order of the array.
  with kept as (
    insert into memoriesdb.memories as m (
      content, kind, metadata, stream, importance, occurred_at, expires_at, is_encrypted
    )
    select
      i.content, coalesce(i.kind, 'note'), coalesce(i.metadata, '{}'), i.stream,
      coalesce(i.importance, 0.5), coalesce(i.occurred_at, now()), i.expires_at,
      coalesce(i.is_encrypted, false)
    from jsonb_array_elements(items) with ordinality as a (item, position)
    cross join lateral jsonb_to_record(a.item) as i (
      content text, kind text, metadata jsonb, stream text, importance real,
      occurred_at timestamptz, expires_at timestamptz, is_encrypted boolean
    )
    order by a.position
    returning m.id, m.seq
  )

  select coalesce(array_agg(k.id order by k.seq), '{}') into v_kept from kept as k;
  if idempotency_key is not null then
    perform memoriesdb._keep_under(idempotency_key, v_kept);
  end if;
  return query
  select k.id from unnest(v_kept) with ordinality as k (id, number) order by k.number;
exception
  when data_exception then
    raise exception 'an item has a value of the wrong type' using
      errcode = 'MD107',
      detail = sqlerrm,
      hint = 'importance is a number, metadata an object, times are texts in ISO 8601.';
end;
$function$;

alter function memoriesdb.remember_many(jsonb, text) owner to memoriesdb_definer;
revoke all on function memoriesdb.remember_many(jsonb, text) from public;
grant execute on function memoriesdb.remember_many(jsonb, text)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.remember_many(jsonb, text) is
'Keep many memories at once, all or none: a JSON array of objects with the keys of remember(), '
'and is_encrypted where the content is a ciphertext for an id of reserve_memory_ids(). '
'Returns the ids in the order of the array. idempotency_key: for all of them together, as in '
'remember(). Raises MD107 for an unknown key or a value of the wrong type, else as remember().';
