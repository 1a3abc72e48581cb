"""The chaos suite: everything is killed and stopped while it syncs, and at the end every row equals the truth.

python -m tests.chaos --orders 1500 --kills 30 --database-restarts 6 --redis-restarts 6 --seed 1, or make chaos.
"""
