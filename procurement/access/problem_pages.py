"""What each code means: the pages that the `type` of a problem leads to.

They are open to everybody, since whoever is refused has to be able to read why.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from procurement.access.codes import Code, code_named
from procurement.access.problems import not_found


@require_safe
def all_problems(request: HttpRequest) -> HttpResponse:
    """Every code there is, in the order of the table."""
    return _answer(request, list(Code), {"results": [_shown(code) for code in Code]})


@require_safe
def one_problem(request: HttpRequest, code: str) -> HttpResponse:
    named = code_named(code)
    if named is None:
        return not_found(request)
    return _answer(request, [named], _shown(named))


def _answer(
    request: HttpRequest, codes: list[Code], shown: dict[str, Any]
) -> HttpResponse:
    """A page for browsers, which ask for one by name; JSON for all others."""
    if "text/html" in request.headers.get("Accept", ""):
        answer = render(request, "api/problems.html", {"codes": codes})
    else:
        answer = JsonResponse(shown)
    answer.headers["Vary"] = "Accept"
    return answer


def _shown(code: Code) -> dict[str, Any]:
    return {
        "type": code.address,
        "code": code,
        "title": code.meaning,
        "statuses": code.statuses,
        "remedy": code.remedy,
        "repeated": code.repeat.value,
    }
