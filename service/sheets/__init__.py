"""Floor 1: spreadsheets that people send and fetch, read as people mean them, written so that nothing in them runs."""
