"""The alerts of SLOs replayed over history that was read: which would have fired, and what became of the budget."""
