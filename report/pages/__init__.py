"""What is shown as a whole: the HTML page, the terminal, comparisons, figures as files."""
