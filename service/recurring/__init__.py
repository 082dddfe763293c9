"""Floor 5: needs that come again: templates by week, fortnight or month that become one draft a cycle."""
