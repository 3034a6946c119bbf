json:
  file.serialize:
    - name: '@SANDBOX@/a.json'
    - dataset: {b: 1, a: [1, two, null, true], c: {d: 1.5}}
    - serializer: json
yaml:
  file.serialize:
    - name: '@SANDBOX@/a.yaml'
    - dataset: {b: 1, a: [1, two, null, true], c: {d: 'yes'}}
yaml formatter:
  file.serialize:
    - name: '@SANDBOX@/b.yaml'
    - dataset_pillar: some:data
    - formatter: yaml
    - mode: '0600'
merged:
  file.serialize:
    - name: '@SANDBOX@/merge.json'
    - dataset: {new: 1, deep: {y: 2}}
    - serializer: json
    - merge_if_exists: True
collect one:
  file.accumulated:
    - filename: '@SANDBOX@/collected'
    - name: lines
    - text: [one, two]
    - require_in: [{file: collected}]
collect two:
  file.accumulated:
    - filename: '@SANDBOX@/collected'
    - name: lines
    - text: three
    - require_in: [{file: collected}]
collected:
  file.managed:
    - name: '@SANDBOX@/collected'
    - template: jinja
    - contents: |
        {% raw %}{% for line in accumulator['lines'] %}{{ line }}
        {% endfor %}{% endraw %}
