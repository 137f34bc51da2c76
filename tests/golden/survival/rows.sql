{% macro default__rows(days_back, ids = none) %}
  {% set query %}
  select
    test_id,
    result_row
  from {{ ref("test_rows", package="quality") }}
  where {{ quality.datediff('detected_at', quality.now(), 'day') }} < {{ days_back }}
  {% if ids %}
    and test_id in ({{ ids }})
  {% endif %}
  {% endset %}
  {% set found = quality.run_query(query) %}
  {% do return(found.group_by("test_id")) %}
{% endmacro %}
