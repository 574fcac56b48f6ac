do $block$
begin
  if to_regtype('memoriesdb._recall_request') is null then
    create type memoriesdb._recall_request as (
      user_id uuid,
      settings jsonb,
      k integer,
      candidates integer,
      question text,
      any_term tsquery,
      driving text[],
      driving_counts bigint[],
      probed text[],
      probed_counts bigint[],
      similar_terms text[],
      similar_counts bigint[],
      similarities real[],
      model_id uuid,
      embedding @extschema:vector@.halfvec,
      near_docs bigint[],
      near_distances double precision[],
      near_count integer,
      windows tstzrange[],
      kinds text[],
      stream_id uuid,
      metadata_filter jsonb,
      since timestamptz,
      until timestamptz,
      min_score double precision,
      include_shared boolean,
      watched uuid
    );
  end if;
end;
$block$;

alter type memoriesdb._recall_request owner to memoriesdb_owner;
revoke all on type memoriesdb._recall_request from public;
grant usage on type memoriesdb._recall_request to memoriesdb_definer;
comment on type memoriesdb._recall_request is
'What one recall asks for, from function to function: whose memories, the words of the query as '
'_query_terms() sorts them, its vector and the nearest of it, the times that it names, the '
'filters, and the memory that explain_recall() watches.';
