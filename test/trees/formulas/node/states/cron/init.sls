{% set jobs = {
  'backup': {'minute': 'random', 'hour': 3, 'cmd': 'backup.sh', 'user': 'root'},
  'report': {'special': '@daily', 'cmd': "date +\\%F > /tmp/x"},
} %}
{% for name, job in jobs | dictsort %}
/etc/cron.d/{{ name }}:
  file.managed:
    - makedirs: True
    - contents: |
        # {{ name }}
        {% if 'special' in job -%}
        {{ job.special }} {{ job.get('user', 'root') }} {{ job.cmd }}
        {%- else -%}
        {{ [job.minute if job.minute != 'random' else range(0, 59) | random, job.get('hour', '*'), '*', '*', '*'] | join(' ') }} {{ job.user }} {{ job.cmd }}
        {%- endif %}
{% endfor %}
