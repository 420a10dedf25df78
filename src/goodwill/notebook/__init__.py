"""The answers as Python objects: what notebooks show and programs compute with; the same digits as the report."""

from goodwill.notebook.answer import Answer
from goodwill.notebook.answers import Answers, Scorecard, open_answers
from goodwill.notebook.chart import Chart
from goodwill.notebook.explanation import Explanation

__all__ = ["Answer", "Answers", "Chart", "Explanation", "Scorecard", "open_answers"]
