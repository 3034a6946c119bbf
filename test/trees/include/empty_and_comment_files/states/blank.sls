
{# nor here #}

