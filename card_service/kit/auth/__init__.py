"""Who is calling: API keys and signed tokens, and what their roles allow."""
