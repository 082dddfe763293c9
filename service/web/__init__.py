"""Floor 1: the web toolkit: routes that are use cases, forms, problems, languages, paging, security."""
