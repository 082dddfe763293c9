"""What the preferences of a programme cost and buy in one round: a curve of five strengths and the price of each."""
