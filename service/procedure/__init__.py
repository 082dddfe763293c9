"""Floor 7: how a round moves: the steps of who facilitates, of who reviews, of the clock; who may take which."""
