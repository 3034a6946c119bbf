some: {data: {k: v}}
