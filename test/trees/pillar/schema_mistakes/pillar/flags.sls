stats: 'yes'
