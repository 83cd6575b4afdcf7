"""Photos: one picture, three shots that belong together, each as a crop with the reason for it."""
