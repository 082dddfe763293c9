"""Floor 9: what a service centre does for groups: whom to visit, and entries that the group itself confirms."""
