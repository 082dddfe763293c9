"""Keys of programs: scoped, hashed, shown once, with an end; what they may do never exceeds their owner."""
