"""People, the accounts that are opened for them, and the roles that they hold in organisations."""
