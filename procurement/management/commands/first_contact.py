"""The first meeting with a real account, step by step."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from procurement.errors import OperationNotAllowed
from procurement.suppliers import first_contact
from procurement.suppliers.models import Supplier
from vendors.contracts import Finding, Samples, Verdict

SIGNS = {
    Verdict.AS_ASSUMED: ("as assumed", "SUCCESS"),
    Verdict.DIFFERS: ("DIFFERS", "ERROR"),
    Verdict.UNCLEAR: ("unclear", "WARNING"),
    Verdict.ASK: ("ask them", "NOTICE"),
}


class Command(BaseCommand):
    help = (
        "Walks a vendor's checklist against a supplier's real account and prints what "
        "is as assumed, what differs, and which name or option to change. It only "
        "reads, unless --write is given. Ends with 1 if anything differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="The supplier.")
        parser.add_argument(
            "--item",
            action="append",
            default=[],
            help="An item number the account should know; BRAND/CODE where a brand "
            "is needed. May be given several times.",
        )
        parser.add_argument("--order", default="", help="A number of an order there.")
        parser.add_argument("--customer", default="", help="A number of a customer.")
        parser.add_argument(
            "--openapi",
            help="The vendor's OpenAPI file (JSON), which is compared with the names.",
        )
        parser.add_argument(
            "--write",
            action="store_true",
            help="Also take the steps that change something at the vendor. Only in "
            "test mode.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        supplier = Supplier.objects.filter(slug=options["slug"]).first()
        if supplier is None:
            known = ", ".join(Supplier.objects.values_list("slug", flat=True)[:50])
            raise CommandError(
                f"There is no supplier {options['slug']}; there are {known or 'none'}."
            )
        samples = Samples(
            items=tuple(options["item"]),
            order_number=options["order"],
            customer_number=options["customer"],
        )
        self.stdout.write(f"{supplier} ({supplier.api.name}), {supplier.base_url}\n")
        try:
            steps = first_contact.walk(
                supplier=supplier, samples=samples, may_write=options["write"]
            )
            differing = self._tell(steps)
            if options["openapi"]:
                document = _read(Path(options["openapi"]))
                findings = first_contact.compare(supplier=supplier, document=document)
                differing += self._tell([("The vendor's OpenAPI file", findings)])
        except OperationNotAllowed as refusal:
            raise CommandError(refusal.text) from None
        if differing:
            differ = "findings differ" if differing > 1 else "finding differs"
            self.stdout.write(
                f"\n{differing} {differ}. Names are changed on the supplier's page in "
                "the admin, under “The vendor's names”."
            )
            raise SystemExit(1)
        self.stdout.write("\nNothing differs from what is assumed.")

    def _tell(self, steps: Any) -> int:
        differing = 0
        for name, findings in steps:
            self.stdout.write(f"\n{name}")
            for finding in findings:
                differing += finding.verdict is Verdict.DIFFERS
                self.stdout.write(f"  {self._line(finding)}")
        return differing

    def _line(self, finding: Finding) -> str:
        sign, style = SIGNS[finding.verdict]
        names = (*finding.mapping_keys, *finding.options)
        change = "" if finding.verdict is Verdict.AS_ASSUMED else ", ".join(names)
        advice = f"\n{' ' * 15}change: {change}" if change else ""
        return f"{getattr(self.style, style)(f'{sign:<11}')}  {finding.text}{advice}"


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as trouble:
        raise CommandError(f"{path} can't be read: {trouble.strerror}.") from None
    except ValueError:
        raise CommandError(
            f"{path} is no JSON. Vendors often offer YAML as well; take the JSON form."
        ) from None
