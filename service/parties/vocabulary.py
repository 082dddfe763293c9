"""The closed lists of the floor: kinds, roles, states. The words follow design terms; labels are translated."""

from enum import StrEnum

from service.kernel.i18n import N_


class OrganisationKind(StrEnum):
    """What an organisation is to the market."""

    HOSPITAL = "hospital"
    SCHOOL = "school"
    PRISON = "prison"
    ARMY_CAMP = "army_camp"
    GOVERNMENT_OFFICE = "government_office"
    MUNICIPALITY = "municipality"
    PRIVATE_BUYER = "private_buyer"
    FARMER_GROUP = "farmer_group"
    COMMUNITY_ENTERPRISE = "community_enterprise"
    COOPERATIVE = "cooperative"
    OTOP_PRODUCER = "otop_producer"
    LOCAL_SME = "local_sme"
    CHARITY = "charity"
    PROVINCIAL_COMPANY = "provincial_company"
    NATIONAL_COMPANY = "national_company"
    PROVINCIAL_COMMITTEE = "provincial_committee"
    SERVICE_CENTRE = "service_centre"
    VILLAGE_FUND = "village_fund"
    ATTESTING_AGENCY = "attesting_agency"
    OPERATOR = "operator"


PUBLIC_BUYERS = frozenset(
    {"hospital", "school", "prison", "army_camp", "government_office", "municipality"}
)  # fmt: skip
BUYERS = PUBLIC_BUYERS | {"private_buyer"}
SUPPLIERS = frozenset(
    {"farmer_group", "community_enterprise", "cooperative", "otop_producer", "local_sme", "charity"}
)  # fmt: skip
COMPANIES = frozenset({"provincial_company", "national_company"})


class Role(StrEnum):
    """What a person may be in an organisation."""

    BUYER_OFFICER = "buyer_officer"
    BUYER_HEAD = "buyer_head"
    INSPECTOR = "inspector"
    SUPPLIER_MANAGER = "supplier_manager"
    SUPPLIER_MEMBER = "supplier_member"
    FACILITATOR = "facilitator"
    AUDITOR = "auditor"
    COMMITTEE_MEMBER = "committee_member"
    CENTRE_OFFICER = "centre_officer"
    FUND_OFFICER = "fund_officer"
    ATTESTER = "attester"
    ADMINISTRATOR = "administrator"


ROLES_OF_KIND: dict[str, frozenset[str]] = {
    **dict.fromkeys(BUYERS, frozenset({"buyer_officer", "buyer_head", "inspector"})),
    **dict.fromkeys(SUPPLIERS, frozenset({"supplier_manager", "supplier_member"})),
    "provincial_company": frozenset({"facilitator", "auditor"}),
    "national_company": frozenset({"facilitator", "auditor"}),
    "provincial_committee": frozenset({"committee_member"}),
    "service_centre": frozenset({"centre_officer"}),
    "village_fund": frozenset({"fund_officer"}),
    "attesting_agency": frozenset({"attester"}),
    "operator": frozenset({"administrator"}),
}


class OrganisationState(StrEnum):
    """Where an organisation stands on its way into the market."""

    SUBMITTED = "submitted"
    PENDING = "pending"
    QUALIFIED = "qualified"
    REFUSED = "refused"
    SUSPENDED = "suspended"


class Measure(StrEnum):
    """A social share of a supplier, in basis points of the whole."""

    LABOUR_TIER_1 = "labour_tier_1"
    LABOUR_TIER_2 = "labour_tier_2"
    LABOUR_TIER_3 = "labour_tier_3"
    LABOUR_TIER_4 = "labour_tier_4"
    INPUTS_DISTRICT = "inputs_district"
    INPUTS_PROVINCE = "inputs_province"
    INCOME_SHARING = "income_sharing"


LABELS = {
    "hospital": N_("Hospital"),
    "school": N_("School"),
    "prison": N_("Prison"),
    "army_camp": N_("Army camp"),
    "government_office": N_("Government office"),
    "municipality": N_("Municipality"),
    "private_buyer": N_("Private buyer"),
    "farmer_group": N_("Farmer group"),
    "community_enterprise": N_("Community enterprise"),
    "cooperative": N_("Cooperative"),
    "otop_producer": N_("OTOP producer"),
    "local_sme": N_("Local small enterprise"),
    "charity": N_("Charity"),
    "provincial_company": N_("Provincial Pracharat company"),
    "national_company": N_("National Pracharat company"),
    "provincial_committee": N_("Provincial committee"),
    "service_centre": N_("Service centre"),
    "village_fund": N_("Village fund"),
    "attesting_agency": N_("Attesting agency"),
    "operator": N_("Platform operator"),
    "buyer_officer": N_("Procurement officer"),
    "buyer_head": N_("Head of the institution"),
    "inspector": N_("Inspection committee member"),
    "supplier_manager": N_("Group leader"),
    "supplier_member": N_("Group member"),
    "facilitator": N_("Facilitator"),
    "auditor": N_("Auditor"),
    "committee_member": N_("Committee member"),
    "centre_officer": N_("Service centre officer"),
    "fund_officer": N_("Village fund officer"),
    "attester": N_("Attester"),
    "administrator": N_("Administrator"),
    "submitted": N_("Submitted"),
    "pending": N_("Pending"),
    "qualified": N_("Qualified"),
    "refused": N_("Refused"),
    "suspended": N_("Suspended"),
    "labour_tier_1": N_("Labour by households in hardship (tier 1)"),
    "labour_tier_2": N_("Labour by households that live with difficulty (tier 2)"),
    "labour_tier_3": N_("Labour by households that get by (tier 3)"),
    "labour_tier_4": N_("Labour by households that live well (tier 4)"),
    "inputs_district": N_("Inputs bought in the same district"),
    "inputs_province": N_("Inputs bought elsewhere in the province"),
    "income_sharing": N_("Surplus paid out to members"),
}
