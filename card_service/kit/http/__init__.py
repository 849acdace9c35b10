"""HTTP: strict JSON in, exact JSON out, one shape for every refusal, and a declared role on every route."""
