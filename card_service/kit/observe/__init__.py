"""What can be seen of the running service: a log line a request, numbers for Prometheus, and whether it is ready."""

from card_service.kit.observe.metrics import count_retry
from card_service.kit.observe.register import register

__all__ = ["count_retry", "register"]
