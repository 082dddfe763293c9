"""Pools for tests that need some to be there."""

from service.demand.models import Demand, JointDemand
from service.parties.models import Organisation
from service.pools.models import Pool, PoolMember
from service.pools.rules import usual_end
from tests.make import Maker


def pools(make: Maker, source: Demand, *others: Organisation) -> dict[str, Pool]:
    """An open and a closed pool of a demand's kitchen and others; the demand bears the mark of the closed one."""
    lead = make.tx.get_one(Organisation, source.organisation_id)
    need = source.lines[0]
    term = {"product_code": need.product_code, "delivery_date": str(need.delivery_date), "ceiling_satang": 2000}
    found = {}
    for name, state in (("pool_id", "open"), ("closed pool", "closed")):
        week = source.delivery_week
        row = Pool(lead_id=lead.id, district_code=lead.district_code, province_code=lead.province_code, state=state,
                   title="Greens", delivery_week=week, join_by=usual_end(week), terms=[term])  # fmt: skip
        found[name] = make.add(row)
        for kitchen in (lead, *others):
            make.add(PoolMember(pool_id=row.id, organisation_id=kitchen.id, quantities=[10]))
    totals = [[need.product_code, str(need.delivery_date), 10 * (1 + len(others))]]
    make.add(JointDemand(demand_id=source.id, pool_id=found["closed pool"].id, district_code=lead.district_code,
                         kitchens=1 + len(others), totals=totals))  # fmt: skip
    return found
