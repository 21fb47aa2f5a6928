"""The AMQP door: a system consumes the notices of its deliveries from its two queues."""
