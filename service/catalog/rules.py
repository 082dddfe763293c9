"""Rules of the catalogue: closed lists, the reference price that counts, ceilings, certificates, local units, names."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from unicodedata import category, normalize
from uuid import UUID

from service.catalog.models import Certificate, Product, ReferencePrice
from service.kernel.i18n import N_
from service.kernel.problems import Problem, Said
from service.parties.models import Organisation
from service.parties.vocabulary import SUPPLIERS


class Family(StrEnum):
    """The three families of goods and services."""

    AGRICULTURE = "agriculture"
    PROCESSED = "processed"
    SERVICE = "service"


class Unit(StrEnum):
    """Units of trade, as UN/CEFACT Rec 20 codes; every quantity is a whole number of one."""

    KGM = "KGM"
    LTR = "LTR"
    EA = "EA"
    SET = "SET"
    DAY = "DAY"
    HUR = "HUR"
    IE = "IE"
    C62 = "C62"


LABELS = {
    "agriculture": N_("Farm produce"),
    "processed": N_("Processed goods"),
    "service": N_("Services"),
    "KGM": N_("kg"),
    "LTR": N_("litre"),
    "EA": N_("piece"),
    "SET": N_("set"),
    "DAY": N_("person-day"),
    "HUR": N_("hour"),
    "IE": N_("person served"),
    "C62": N_("job"),
    "many.KGM": N_("kg"),
    "many.LTR": N_("litres"),
    "many.EA": N_("pieces"),
    "many.SET": N_("sets"),
    "many.DAY": N_("person-days"),
    "many.HUR": N_("hours"),
    "many.IE": N_("people served"),
    "many.C62": N_("jobs"),
}
REFERENCE_WEEKS = 8  # prices of vegetables drift within two months; an older price says nothing about this week
# The upper quartile is what a quarter of sellers exceed at the market; delivery to the kitchen's door, small lots and
# payment after weeks come on top and are not in a market price: a tenth.
CEILING_PERCENT = 110
EXPIRY_WARNING_DAYS = 60  # renewing a GAP certificate takes about two months
MILLI = 1000


class CertificateNotValid(Problem):
    """A certificate that is revoked, expired, another's, or for another product."""

    title = N_("This certificate does not count here")
    detail = N_("Certificate {number} is revoked, expired, or covers another product or another group.")
    todo = N_("Choose a valid certificate of the group, or leave it out.")


class CertificateRevoked(Problem):
    """A certificate that was revoked before."""

    title = N_("This certificate is revoked already")
    detail = N_("Certificate {number} was revoked on {day}.")
    todo = N_("Nothing more is needed.")


class NotASupplier(Problem):
    """An organisation that does not supply."""

    title = N_("This organisation does not supply")
    detail = N_("Certificates and offers belong to farmer groups, community enterprises and other suppliers.")
    todo = N_("Choose a group that supplies, or act for one.")


class UnitIsFixed(Problem):
    """A product's unit was to change."""

    title = N_("A product keeps its unit")
    detail = N_("Quantities and prices of {code} are written in {unit}; another unit would change what they say.")
    todo = N_("Add a new product with the other unit, and set this one inactive.")


class NotWholeUnits(Problem):
    """A quantity in a local unit that is no whole number of the product's unit."""

    title = N_("This does not come out as whole units")
    detail = N_("{quantity} {unit} are {exact} of the product's unit; quantities are traded in whole units.")
    todo = N_("Change the quantity so that it comes out whole, or enter it in the product's own unit.")


def must_supply(organisation: Organisation) -> None:
    """Refuse an organisation of another kind."""
    if organisation.kind not in SUPPLIERS:
        raise NotASupplier


def must_keep_unit(product: Product, unit: str) -> None:
    """Refuse another unit: offers, demands and prices are written in it."""
    if product.unit != unit:
        raise UnitIsFixed(code=product.code, unit=Said((LABELS[product.unit],)))


def must_count(certificate: Certificate, organisation_id: UUID, product_code: str, day: date) -> None:
    """Refuse a certificate that is another group's, does not cover the product or is not valid on the day."""
    if certificate.organisation_id != organisation_id or not counts_on(certificate, product_code, day):
        raise CertificateNotValid(number=certificate.number)


def must_not_be_revoked(certificate: Certificate) -> None:
    """Refuse to revoke twice."""
    if certificate.revoked_on is not None:
        raise CertificateRevoked(number=certificate.number, day=certificate.revoked_on)


def counts_on(certificate: Certificate, product_code: str, day: date) -> bool:
    """Whether a certificate covers the product and is valid on the day."""
    covers = certificate.product_code in {None, product_code}
    standing = certificate.revoked_on is None or certificate.revoked_on > day
    return covers and standing and certificate.issued_on <= day <= certificate.expires_on


def expiry(certificate: Certificate, day: date) -> str:
    """Where a certificate stands on a day: valid, expiring, expired or revoked."""
    if certificate.revoked_on is not None:
        return "revoked"
    if certificate.expires_on < day:
        return "expired"
    return "expiring" if certificate.expires_on <= day + timedelta(days=EXPIRY_WARNING_DAYS) else "valid"


def oldest_week(week: date) -> date:
    """The oldest week whose reference price still counts for a week."""
    return week - timedelta(weeks=REFERENCE_WEEKS)


def reference_of(rows: Iterable[ReferencePrice], week: date) -> ReferencePrice | None:
    """The price that counts for a week: the newest week that is recent enough, in it the largest sample."""
    recent = [row for row in rows if oldest_week(week) <= row.week <= week]
    return min(recent, key=lambda row: (-row.week.toordinal(), -row.sample_size, row.source), default=None)


def ceiling_of(price: ReferencePrice | None) -> int | None:
    """The highest ceiling that a line may have: the upper quartile and a tenth; None without a reference price."""
    return None if price is None else price.upper_satang * CEILING_PERCENT // 100


def whole_units(quantity: int, factor_milli: int, unit: str) -> int:
    """A quantity in a local unit as whole units of the product, exactly or not at all."""
    whole, rest = divmod(quantity * factor_milli, MILLI)
    if rest or not whole:
        raise NotWholeUnits(quantity=quantity, unit=unit, exact=f"{quantity * factor_milli / MILLI:g}")
    return whole


def plain(text: str) -> str:
    """A name without case, spaces, punctuation, accents and Thai tone marks; Thai vowels stay."""
    return "".join(sign for sign in normalize("NFKD", text.casefold()) if _tells(sign))


def _tells(sign: str) -> bool:
    return category(sign)[0] in "LN" or "\u0e31" <= sign <= "\u0e3a" or sign == "\u0e4d"
