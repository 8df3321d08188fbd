"""config.toml, and the settings that are in force."""
