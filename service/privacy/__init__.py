"""What is kept about whom, why and how long, as one table; export and erasure of a person's data; nightly deletion."""
