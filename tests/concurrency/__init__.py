"""What happens when many call at once: the same request, or requests that exclude each other."""
