"""The timeline writes itself; people write under its lines, and what they did before they came to write it down."""
