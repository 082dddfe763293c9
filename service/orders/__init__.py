"""Floor 7: answers to awards, and the orders that acceptance makes."""
