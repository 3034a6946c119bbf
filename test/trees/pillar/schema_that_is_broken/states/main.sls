include: [json, list, keyword, reference, kind, pattern, old]
