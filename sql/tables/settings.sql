create table memoriesdb.settings (
  key text not null,
  value jsonb not null,
  default_value jsonb not null,
  minimum numeric,
  maximum numeric,
  description text not null,
  updated_at timestamptz not null default clock_timestamp(),
  constraint settings_pkey primary key (key),
  constraint settings_value_has_type_of_default check (
    jsonb_typeof(value) = jsonb_typeof(default_value)
  ),
  constraint settings_number_is_within_bounds check (
    case
      when jsonb_typeof(value) = 'number'
        then
          value::numeric >= coalesce(minimum, value::numeric)
          and value::numeric <= coalesce(maximum, value::numeric)
      else minimum is null and maximum is null
    end
  )
);
alter table memoriesdb.settings enable row level security;
alter table memoriesdb.settings force row level security;
comment on table memoriesdb.settings is
'Limits, weights and intervals of this database. An admin changes value; the rest is set by the '
'release. No secrets here.';
comment on column memoriesdb.settings.key is 'Name of the setting.';
comment on column memoriesdb.settings.value is 'What holds now.';
comment on column memoriesdb.settings.default_value is 'What the release ships.';
comment on column memoriesdb.settings.minimum is 'Least value of a number.';
comment on column memoriesdb.settings.maximum is 'Greatest value of a number.';
comment on column memoriesdb.settings.description is 'What it does, with its unit.';
comment on column memoriesdb.settings.updated_at is 'When it was changed last.';
