"""Arrays in, Estimate out."""

from goodwill.estimators.estimate import Estimate

__all__ = ["Estimate"]
