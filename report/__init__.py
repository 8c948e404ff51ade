"""Report: what is told. A result dataset (docs/file-format.md) becomes a page or a terminal table.

reading     the dataset and its study behind plain questions: names, years, arrays of one plan
words       texts/en.toml, texts/nb.toml, names of the built-in studies in both languages,
            and numbers as each language writes them
risk_words, calendar_words
            what a limit measures, by its rule; months and when stocks are counted
blocks      what a section is made of: paragraphs, tables, figures, facts, foldable parts
vega        Vega-Lite as plain dictionaries, colours; charts, bar_charts, effect_charts and
            frontier_chart on it
line_figures
            charts of lines together with the tables that say the same
answer, ..._section, ..._sections
            the sections of the page, as data
html        sections -> one self-contained HTML file (templates/), written whole or not at all
compare     several results side by side, as sections of the same kind
static      the figures as SVG or PNG files for documents
terminal    the plan and the risks as tables in a terminal
difference, export..., published
            what differs between results; tables for other programs; published calculations

Nothing is solved or projected here.
"""
