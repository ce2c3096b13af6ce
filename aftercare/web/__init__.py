"""The page's frame and components."""
