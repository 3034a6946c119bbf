a: {{ gone.b }}
