"""Floor 1: how often something may be tried; what guards a secret is counted once for all processes."""
