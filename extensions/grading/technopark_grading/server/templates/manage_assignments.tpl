{%- extends 'nbgrader/manage_assignments.tpl' -%}

{%- block messages -%}
<p>{{ words["guide"] }}</p>
<p><a class="btn btn-default" href="{{ base_url }}/technopark/marks.csv">{{ words["marks"] }}</a></p>
{%- endblock -%}
