include: [web, web.more]
