"""Pages about results: runs, studies, and the questions that studies answer."""
