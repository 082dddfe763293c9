"""Floor 6: comfort of listing: photographs, quantities by weekday, and the calendar of what is coming."""
