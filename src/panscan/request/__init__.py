"""What a person wrote, as values: options, presets, overrides, prompts, times."""
