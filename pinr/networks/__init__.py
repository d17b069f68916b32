"""Networks: recipes, sized at compilation, and the modules that they make."""
