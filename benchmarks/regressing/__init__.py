"""What small_regression.py compares: the problems, who trains on them, and the six parts.

No library but NumPy is imported before one of its trainers is asked for.
"""
