"""The carriage: RabbitMQ moves notices of a few hundred bytes; it never holds the only copy."""
