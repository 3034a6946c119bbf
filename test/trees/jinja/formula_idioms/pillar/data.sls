web: {port: 8080, deep: {y: 2}, hosts: [b]}
