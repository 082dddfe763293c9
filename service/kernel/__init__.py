"""Floor 0: settings, database, jobs, problems, actor, clock, money, languages, ids. Knows nothing of the web."""
