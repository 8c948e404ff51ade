"""What is asked: built-in studies (TOML), their source tables (CSV), and the loader."""
