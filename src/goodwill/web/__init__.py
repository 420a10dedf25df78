"""The web app: the same answers, pages and pictures as the report, served from the workspace itself."""
