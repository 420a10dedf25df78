"""Goodwill: what social media is really worth to a business."""
