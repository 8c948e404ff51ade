"""Report: what is told. A result dataset (docs/file-format.md) becomes a page or a terminal table.

reading     the dataset and its study behind plain questions: names, years, arrays of one plan
words       texts/en.toml, texts/nb.toml, names of the built-in studies in both languages,
            and numbers as each language writes them
blocks      what a section is made of: paragraphs, tables, figures, facts, foldable parts
charts, bar_charts
            Vega-Lite specifications by Altair
answer, plan_sections, choice_sections, cost_sections, source_sections
            the sections of the page, as data
html        sections -> one self-contained HTML file (templates/), written atomically
terminal    the plan and the risks as tables in a terminal

Nothing is solved or projected here.
"""
