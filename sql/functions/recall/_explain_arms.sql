create or replace function memoriesdb._explain_arms(facts jsonb, why jsonb, search tsvector)
returns table (step text, outcome text, rank integer, score real, detail text)
language plpgsql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_asked text[] := array(select jsonb_array_elements_text(facts -> 'terms'));
  v_shared text[] := array(
    select t from unnest(v_asked) as t where t = any (tsvector_to_array(search))
  );
  v_arm record;
begin
  for v_arm in
    select a.step, why -> a.step as found, a.is_asked, a.detail
    from (
      values
      ('keyword', v_asked <> '{}', format(
        '%s of the %s words of the query (%s); %s; %s memories of yours are indexed, %s wait',
        cardinality(v_shared), cardinality(v_asked), array_to_string(v_shared, ', '),
        case
          when (facts ->> 'is_indexed')::boolean then 'it is indexed'
          else 'it is not indexed, its text is searched itself'
        end
        || case when (facts ->> 'term_count')::integer > cardinality(v_asked)
          then '; these are the rarest of ' || (facts ->> 'term_count')
          else '' end
        || case when facts #>> '{reading,probed}' <> '[]'
          then '; too frequent to be read, looked up for candidates alone: '
            || (facts #>> '{reading,probed}')
          else '' end,
        facts ->> 'indexed', facts ->> 'waiting'
      )),
      ('vector', facts ->> 'route' is not null, facts ->> 'route'),
      ('fuzzy', facts #>> '{reading,unknown}' <> '[]',
        'words that no memory of yours has: ' || (facts #>> '{reading,unknown}'))
    ) as a (step, is_asked, detail)
  loop
    step := v_arm.step;
    rank := (v_arm.found ->> 'rank')::integer;
    score := (v_arm.found ->> 'score')::real;
    outcome := case
      when rank <= (facts -> 'candidates')::integer then 'candidate'
      when rank is not null or score is not null then 'beyond the candidates'
      when v_arm.is_asked then 'not found'
      else 'not asked'
    end;
    detail := v_arm.detail;
    return next;
  end loop;
  if jsonb_typeof(facts -> 'times') = 'array' then
    step := 'times';
    outcome := 'preferred';
    rank := null;
    score := null;
    detail := 'the query names: ' || (facts ->> 'times');
    return next;
  end if;
end;
$function$;

alter function memoriesdb._explain_arms(jsonb, jsonb, tsvector) owner to memoriesdb_definer;
revoke all on function memoriesdb._explain_arms(jsonb, jsonb, tsvector) from public;
grant execute on function memoriesdb._explain_arms(jsonb, jsonb, tsvector)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._explain_arms(jsonb, jsonb, tsvector) is
'The rows of explain_recall() about the arms: of facts by _recall_facts(), and why by _rank().';
