"""Goodwill: what social media is really worth to a business."""

__version__ = "0.3.0"
