"""Floor 4: products and their units, grades, certificates, reference prices."""
