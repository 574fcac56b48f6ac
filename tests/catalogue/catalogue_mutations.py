"""What a careless change might do: each must be seen by the lint beside it.

Run as a superuser with the search path ``memoriesdb, public``, and rolled back.
"""

from __future__ import annotations

NEW_TABLE = "create table parts (id uuid constraint parts_pkey primary key, owner_id uuid not null)"
FUNCTION = (
    "create function {name}({arguments}) returns {result} language plpgsql {options} "
    "as 'begin return null; end'"
)


def _function(
    name: str = "peek", arguments: str = "", result: str = "uuid", options: str = "stable"
) -> str:
    return FUNCTION.format(name=name, arguments=arguments, result=result, options=options)


MUTATIONS: list[tuple[str, str]] = [
    ("tables_have_forced_row_security", NEW_TABLE),
    (
        "tables_have_forced_row_security",
        f"{NEW_TABLE}; alter table parts enable row level security",
    ),
    ("tables_have_forced_row_security", "alter table memories no force row level security"),
    ("tables_have_forced_row_security", "alter table audit_log_default disable row level security"),
    ("tables_have_a_system_policy", NEW_TABLE),
    ("tables_have_a_system_policy", "drop policy memories_all_system on memories"),
    (
        "tables_have_a_system_policy",
        "alter policy users_all_system on users using (id is not null)",
    ),
    ("tables_have_a_system_policy", "alter policy users_all_system on users to memoriesdb_owner"),
    (
        "policies_name_their_roles",
        "create policy memories_select_any on memories for select using (false)",
    ),
    (
        "policies_ask_their_helper_once",
        "alter policy memories_select_owner on memories using (owner_id = current_user_id())",
    ),
    (
        "policies_ask_their_helper_once",
        "alter policy memories_select_owner on memories "
        "using (owner_id::text = current_setting('app.user'))",
    ),
    (
        "policies_ask_their_helper_once",
        "alter policy memory_edges_select_owner on memory_edges using (exists ("
        "select from memories as m "
        "where m.id = source_id and m.owner_id = (select current_user_id())))",
    ),
    ("policies_filter_by_the_user", "alter policy memories_select_owner on memories using (true)"),
    ("tables_that_users_read_have_a_gate", "drop policy memories_all_gate on memories"),
    ("tables_that_users_read_have_a_gate", "drop policy audit_payloads_all_gate on audit_payloads"),
    (
        "tables_that_users_read_have_a_gate",
        "create policy settings_select_own on settings for select to memoriesdb_app "
        "using (value = (select to_jsonb(current_user::text)))",
    ),
    ("tables_that_users_read_have_a_gate", "alter function _gate_equal(uuid, uuid) cost 1"),
    # Who the user is does not say what his token lets him do.
    (
        "policies_ask_for_the_scope",
        "alter policy memories_select_owner on memories "
        "using (owner_id = (select current_user_id()))",
    ),
    (
        "policies_ask_for_the_scope",
        "alter policy memories_delete_owner on memories "
        "using (owner_id = (select _user_with_scope('read')))",
    ),
    (
        "policies_ask_for_the_scope",
        "alter policy memories_update_grantee on memories "
        "using (id = any ((select _granted_ids('read'))::uuid[]))",
    ),
    (
        "policies_ask_for_the_scope",
        "create policy memories_select_anybody on memories for select to memoriesdb_app "
        "using (true)",
    ),
    ("secrets_are_for_nobody", "grant select on signing_keys to memoriesdb_owner"),
    ("secrets_are_for_nobody", "grant select (key) on signing_keys to memoriesdb_definer"),
    ("secrets_are_for_nobody", "grant select on api_tokens to memoriesdb_admin"),
    ("secrets_are_for_nobody", "grant execute on function _sign to memoriesdb_app"),
    ("secrets_are_for_nobody", "grant execute on function _begin_session to public"),
    ("secrets_are_for_nobody", "alter function _new_signing_key owner to memoriesdb_definer"),
    (
        "policies_need_no_sequential_scan",
        "alter policy memories_select_owner on memories "
        "using (created_by = (select current_user_id()))",
    ),
    ("policies_need_no_sequential_scan", "drop index memory_grants_grantee_id_memory_id_idx"),
    ("functions_about_the_user_are_stable", "alter function current_user_id() immutable"),
    ("functions_about_the_user_are_stable", "alter function current_user_id() volatile"),
    ("functions_about_the_user_are_stable", "alter function _user_with_scope(text) immutable"),
    ("functions_about_the_user_are_stable", "alter function _who() immutable"),
    ("functions_about_the_user_are_stable", "alter function _granted_ids(text) immutable"),
    ("functions_about_the_user_are_stable", "alter function current_user_id() parallel safe"),
    ("functions_about_the_user_are_stable", "alter function as_of(timestamptz) parallel safe"),
    ("functions_fix_their_search_path", "alter function current_user_id() reset search_path"),
    (
        "functions_fix_their_search_path",
        "alter function share set search_path = memoriesdb, pg_temp",
    ),
    # Without pg_temp at its end, the temporary schema is searched first.
    ("functions_fix_their_search_path", "alter function share set search_path = pg_catalog"),
    ("functions_are_not_for_everybody", _function()),
    ("functions_are_not_for_everybody", "grant execute on function _setting(text) to public"),
    (
        "functions_are_not_for_everybody",
        "grant execute on function memoriesdb_system.pgbouncer_auth to public",
    ),
    ("functions_have_the_right_owner", "alter function share owner to postgres"),
    ("functions_have_the_right_owner", "alter function share owner to memoriesdb_owner"),
    ("functions_have_the_right_owner", "alter function _sign owner to memoriesdb_definer"),
    (
        "functions_have_the_right_owner",
        "alter function memoriesdb_system.load_python() owner to memoriesdb_owner",
    ),
    ("tables_belong_to_the_owner", "alter table memories owner to memoriesdb_app"),
    (
        "tables_belong_to_the_owner",
        "alter table memoriesdb_system._python_module owner to memoriesdb_owner",
    ),
    ("owner_views_are_listed_and_barred", "create view everything as select * from memories"),
    ("owner_views_are_listed_and_barred", "alter view memory_graph reset (security_barrier)"),
    (
        "owner_views_are_listed_and_barred",
        "create or replace view queue_status with (security_barrier) as "
        "select queue, what, due, waiting, claimed, dead, oldest_at, last_error, expired, "
        "oldest_age, per_minute, eta from queue_status",
    ),
    ("materialized_views_are_for_nobody", "grant select on _memory_graph_07 to memoriesdb_app"),
    ("partitions_are_for_nobody", "grant select on audit_log_000000 to memoriesdb_auditor"),
    ("public_has_nothing", "grant temporary on database lints to public"),
    ("public_has_nothing", "grant usage on schema memoriesdb to public"),
    ("public_has_nothing", "grant select on settings to public"),
    ("public_has_nothing", "grant select (username) on users to public"),
    ("public_has_nothing", "grant usage on sequence lease_token_seq to public"),
    ("public_has_nothing", "create type colour as enum ('red')"),
    ("nothing_is_created_by_users", "grant create on schema public to memoriesdb_client"),
    ("nothing_is_created_by_users", "grant create on schema public to public"),
    ("nothing_is_created_by_users", "grant temporary on database lints to memoriesdb_app"),
    ("logs_are_append_only", "grant delete on audit_log to memoriesdb_definer"),
    ("logs_are_append_only", "grant update (after) on audit_payloads to memoriesdb_definer"),
    ("logs_are_append_only", "grant delete on audit_log to memoriesdb_eraser"),
    ("logs_are_append_only", "grant update on access_log to memoriesdb_eraser"),
    ("logs_are_append_only", "grant delete on audit_payloads to memoriesdb_app"),
    (
        "logs_are_append_only",
        "create or replace trigger _900_refuse_change before update or delete on audit_log "
        "for each row execute function tg_refuse_change_but_erasure()",
    ),
    ("logs_are_append_only", "alter table audit_log disable trigger _900_refuse_change"),
    ("logs_are_append_only", "drop trigger _900_refuse_truncate on audit_log_default"),
    ("logs_are_append_only", "grant update on ledger_blocks to memoriesdb_definer"),
    ("logs_are_append_only", "drop trigger _900_refuse_change on ledger_leaves"),
    ("logs_are_append_only", "alter table ledger_archives disable trigger _900_refuse_change"),
    ("triggers_fire_always", "alter table memories enable trigger _900_audit_update"),
    ("triggers_fire_always", "alter table memories disable trigger _100_stamp"),
    ("tables_refuse_truncate", "drop trigger _900_refuse_truncate on memory_versions"),
    ("tables_refuse_truncate", NEW_TABLE),
    ("changes_are_audited", NEW_TABLE),
    ("changes_are_audited", "drop trigger _900_audit_delete on memory_edges"),
    ("changes_are_audited", "alter table api_tokens disable trigger _900_audit"),
    (
        "foreign_keys_stay_with_their_owner",
        "create unique index on memories (id); create table parts (owner_id uuid, memory_id uuid "
        "constraint parts_memory_exists references memories (id))",
    ),
    (
        "unique_keys_stay_with_their_owner",
        "create unique index memories_content_hash_idx on memories (content_hash)",
    ),
    (
        "unique_keys_stay_with_their_owner",
        "alter table memories add constraint memories_id_is_unique unique (id, kind)",
    ),
    ("unique_keys_stay_with_their_owner", "create unique index on memory_edges (source_id)"),
    ("users_values_have_no_statistics", "alter table memories alter content set statistics 100"),
    ("users_values_have_no_statistics", "alter table memory_edges add note text"),
    ("users_values_have_no_statistics", "alter table memory_edges add tags text[]"),
    ("users_values_have_no_statistics", "alter table signing_keys alter key set statistics -1"),
    ("users_values_have_no_statistics", "create index users_e_idx on users ((email || ''))"),
    ("everything_has_a_comment", "comment on column memories.content is null"),
    ("everything_has_a_comment", "comment on policy memories_select_owner on memories is ' '"),
    ("everything_has_a_comment", "comment on trigger _100_stamp on memories is null"),
    ("everything_has_a_comment", "comment on sequence memories_seq_seq is null"),
    ("everything_has_a_comment", "comment on view memory_graph is null"),
    ("everything_has_a_comment", "comment on schema memoriesdb is null"),
    ("everything_has_a_comment", "comment on type _audit_entry is null"),
    ("everything_has_a_comment", _function()),
    ("names_of_policies", "alter policy memories_select_owner on memories rename to owners_read"),
    (
        "names_of_policies",
        "alter policy memories_select_owner on memories rename to memories_update_mine",
    ),
    ("names_of_triggers", "alter trigger _100_stamp on memories rename to stamp"),
    (
        "names_of_triggers",
        "alter trigger _900_audit_insert on memories rename to _300_audit_insert",
    ),
    ("names_of_constraints", "alter table memories add check (seq > 0)"),
    ("names_of_constraints", "alter table memories add constraint positive check (seq > 0)"),
    ("names_of_indexes", "create index by_hash on memories (owner_id, content_hash)"),
    ("names_of_columns", "alter table memories add pinned boolean"),
    ("names_of_columns", "alter table memories add seen timestamptz"),
    ("names_of_columns", "alter table memories add seen_at timestamp"),
    ("names_of_columns", 'alter table memories add "Seen" integer'),
    ("names_of_functions", _function("tg_peek")),
    ("names_of_functions", _function("memories_stamp", result="trigger", options="")),
    ("functions_are_not_overloaded", _function("share", "memory_id uuid")),
    ("functions_are_not_polymorphic", _function("peek", "anything anyelement")),
    ("functions_are_not_polymorphic", _function("peek", "anything anyarray")),
    ("roles_have_no_attributes", "alter role memoriesdb_app login"),
    ("roles_have_no_attributes", "alter role memoriesdb_owner bypassrls"),
    ("roles_have_no_attributes", "grant memoriesdb_owner to test_app"),
    ("roles_have_no_attributes", "grant memoriesdb_admin to memoriesdb_client"),
]
