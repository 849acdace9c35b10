"""Guards: what must hold for every route and every statement, those included that are not written yet."""
