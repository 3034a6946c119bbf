mine: {{ opts['id'] }}
