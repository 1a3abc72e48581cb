"""What `run_demo` is made of: its child processes, its world, and the comparison with the truth."""
