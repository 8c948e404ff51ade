"""What is told: a result dataset (docs/file-format.md) becomes a page, a terminal table or files.

reading     the dataset and its study behind plain questions: names, years, arrays of one plan
blocks      what a section is made of: paragraphs, tables, figures, facts, foldable parts
keys/       the keys of a study: names, search, reference, JSON Schema
texts/      the words of both languages, titles of keys, and numbers as each language writes them
charts/     Vega-Lite as plain dictionaries, and the tables that say the same
sections/   the sections of the page, as data, one question each
pages/      sections -> one self-contained HTML file, written whole or not at all; several results
            side by side; the figures as SVG or PNG; tables in a terminal; what differs
export/     every variable as tables for other programs

Nothing is solved or projected here.
"""
