nothing fetched behind our back:
  service.masked:
    - name: apt-daily.timer

/etc/apt/apt.conf.d/50site:
  file.managed:
    - contents: |
        APT::Install-Recommends "false";
        DPkg::Lock::Timeout "60";

answers for postfix:
  debconf.set:
    - name: postfix
    - data:
        postfix/mailname: {type: string, value: {{ pillar.site.hostname }}.{{ pillar.site.domain }}}
