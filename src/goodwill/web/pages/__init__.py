"""One page, or one group of pages, is one module with a ``ROUTER``; the app finds it."""
