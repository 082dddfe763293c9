"""Floor 4: prices that groups accepted, and what is told of them beside the imported reference prices."""
