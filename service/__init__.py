"""The marketplace: public kitchens, farmer groups, rounds of allocation, awards, orders and their audit."""
