"""A refusal as an HTTP answer: status, code, and a sentence in the language of the asker.

Called by the services' apps.
"""

from fastapi.requests import HTTPConnection
from fastapi.responses import JSONResponse

from technopark.language import Language, of_header
from technopark.services.refusals import Refusal

_RETRY_AFTER_SECONDS = 2


def refusal_answer(
    connection: HTTPConnection, refusal: Refusal, otherwise: Language
) -> JSONResponse:
    """The answer to a request (or a WebSocket's) that is refused.

    Args:
        connection: what came.
        refusal: why not.
        otherwise: the park's language, for askers who wish for none.
    """
    language = of_header(connection.headers.get("Accept-Language", ""), otherwise)
    headers = {"Retry-After": str(_RETRY_AFTER_SECONDS)} if refusal.is_passing else None
    return JSONResponse(
        {"code": refusal.code, "message": refusal.sentence(language)},
        refusal.status,
        headers=headers,
    )
