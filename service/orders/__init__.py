"""Floor 8: answers to awards, and the orders that acceptance makes."""
