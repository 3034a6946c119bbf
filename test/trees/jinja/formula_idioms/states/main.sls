include: [web, web.sub]
