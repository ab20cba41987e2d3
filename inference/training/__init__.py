"""How the built-in model was made and measured; README.md in this folder is the recipe."""
