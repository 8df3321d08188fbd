"""config.toml and the settings of this run."""
