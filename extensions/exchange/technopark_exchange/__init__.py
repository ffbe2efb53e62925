"""nbgrader's exchange over HTTP: what a pupil's and a teacher's server use to reach the park's.

Loaded by nbgrader through the traits of its ExchangeFactory; `docs/exchange.md` shows the
configuration. It knows the service's addresses and nothing of what is behind them.
"""

from technopark_exchange.collect import ExchangeCollect
from technopark_exchange.exchange import Exchange, ExchangeError
from technopark_exchange.fetch_assignment import ExchangeFetch, ExchangeFetchAssignment
from technopark_exchange.fetch_feedback import ExchangeFetchFeedback
from technopark_exchange.late import LateByReceipt
from technopark_exchange.list import ExchangeList
from technopark_exchange.release_assignment import ExchangeRelease, ExchangeReleaseAssignment
from technopark_exchange.release_feedback import ExchangeReleaseFeedback
from technopark_exchange.submit import ExchangeSubmit

__all__ = [
    "Exchange",
    "ExchangeCollect",
    "ExchangeError",
    "ExchangeFetch",
    "ExchangeFetchAssignment",
    "ExchangeFetchFeedback",
    "ExchangeList",
    "ExchangeRelease",
    "ExchangeReleaseAssignment",
    "ExchangeReleaseFeedback",
    "ExchangeSubmit",
    "LateByReceipt",
]
