"""Errors as RFC 9457 problem details: nothing of how the service is made stands in them."""

import json
import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from common.data import DataError, InsufficientFundsError, InvalidArgumentError
from services.shared.answers import Answer, answer_to
from services.shared.values import plain

__all__ = ["Problem", "ServiceError", "add_handlers", "problem", "responses"]

logger = logging.getLogger("services")

MEDIA_TYPE = "application/problem+json"


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    place: str = Field(examples=["body.amount"])
    message: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """What went wrong, by RFC 9457."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:problem:insufficient-balance",
                    "title": "The cash balance does not cover it.",
                    "status": 409,
                    "available": "10.00",
                    "required": "25.50",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str | None = None
    available: str | None = None
    required: str | None = None
    errors: list[Fault] | None = None


class ServiceError(HTTPException):
    """An error that a service itself found, with its answer. FastAPI lets it pass wherever it comes from."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status, answer.title)
        self.answer = answer


def problem(answer: Answer, **members: str | list[Fault]) -> Response:
    """The response to an answer; members are those of `Problem`."""
    body = Problem.model_validate(
        {"type": f"urn:problem:{answer.code}", "title": answer.title, "status": answer.status, **members}
    )
    headers = {}
    if answer.retry_after is not None:
        headers["Retry-After"] = str(answer.retry_after)
    if answer.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    # In ASCII, since names that a client made up may have no UTF-8 form.
    content = json.dumps(body.model_dump(exclude_none=True))
    return Response(content, answer.status, headers, MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What FastAPI needs to declare problems of these statuses."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    retry = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    challenge = {"WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}}}
    headers = {HTTPStatus.UNAUTHORIZED: challenge, HTTPStatus.TOO_MANY_REQUESTS: retry}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: schema},
            **({"headers": headers[HTTPStatus(status)]} if status in headers else {}),
        }
        for status in statuses
    }


def add_handlers(app: FastAPI) -> None:
    """Answer every error of an application by a problem."""
    app.add_exception_handler(DataError, _data_error)
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)


async def _data_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, DataError):
        raise error
    answer = answer_to(error)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("data error", extra={"fields": {"error": type(error).__name__, "operation": error.operation}})
    if isinstance(error, InsufficientFundsError):
        return problem(answer, available=plain(error.available), required=plain(error.required))
    if isinstance(error, InvalidArgumentError):
        return problem(answer, detail=error.message)  # quotes no argument
    return problem(answer)


async def _service_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ServiceError):
        raise error
    return problem(error.answer)


async def _invalid(request: Request, error: Exception) -> Response:
    """Tell what is wrong and where, but quote nothing: it may be a password."""
    if not isinstance(error, RequestValidationError):
        raise error
    found = [
        Fault(place=".".join(map(str, fault["loc"])), message=_message(request, fault)) for fault in error.errors()
    ]
    return problem(Answer(422, "invalid", "The request has a value that cannot be."), errors=found)


def _message(request: Request, fault: dict[str, Any]) -> str:
    if fault["loc"] == ("body",) and "json" not in request.headers.get("content-type", ""):
        return "The body must be JSON, sent with Content-Type: application/json"
    return str(fault["msg"])


async def _http_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    phrase = HTTPStatus(error.status_code).phrase
    members = {} if error.detail == phrase else {"detail": error.detail}  # of the framework, which quotes nothing
    response = problem(Answer(error.status_code, phrase.lower().replace(" ", "-"), phrase), **members)
    response.headers.update(error.headers or {})
    return response
