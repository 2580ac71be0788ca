-- Rows of figures are named by their task; there was one before, with a field of its own.
update run set progress = (progress - 'expertLoad')
  || jsonb_build_object('series', case
    when jsonb_array_length(progress -> 'expertLoad') > 0
    then jsonb_build_object('expert_load', progress -> 'expertLoad') else '{}'::jsonb end)
where progress ? 'expertLoad';
