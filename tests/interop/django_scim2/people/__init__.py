"""The application with the user and group models."""
