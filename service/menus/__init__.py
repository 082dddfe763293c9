"""Floor 5+: from a kitchen's menu plan to a week's demand: recipes, factors, heads, stock, need, cost a head."""
