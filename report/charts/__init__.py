"""The charts: plain numbers become Vega-Lite dictionaries, with tables that say the same."""
