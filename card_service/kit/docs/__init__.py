"""The interactive API page: Swagger UI, kept here with its licence, so that it needs no internet."""
