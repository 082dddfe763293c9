"""The list of mistakes of a refused form names each field by the words of the page, and leads to it."""

import pytest

from service.web.refusals import named

PAGE = """<h2 id="f-lines">Lines &amp; days</h2>
<form action="/other"><label for="r-1">Reason of the other form</label><input id="r-1" name="reason"></form>
<form action="/here?week=1"><input type="hidden" name="lots-0-id"><input id="f-lots-0-day" name="lots-0-day">
<label for="f-title">Title <span class="optional">(optional)</span></label><input id="f-title" name="title">
<label for="r-2">Reason</label><textarea id="r-2" name="reason"></textarea>
<fieldset aria-label="Line 3"><label for="f-lines-2-quantity">Quantity</label>
<input id="f-lines-2-quantity" name="lines-2-quantity"></fieldset>
<fieldset><legend>How often</legend>
<input type="radio" id="f-rhythm-a" name="rhythm"><label for="f-rhythm-a">every week</label></fieldset>
<fieldset><legend>Papers</legend><input type="checkbox" id="k-1" name="kinds"><label for="k-1">GAP</label>
<input type="checkbox" id="k-2" name="kinds"><label for="k-2">Organic</label></fieldset>
<fieldset><legend>Terms</legend><input type="checkbox" id="f-whole" name="whole"><label for="f-whole">All</label>
</fieldset>
<td><input id="f-heads" name="heads" aria-label="Heads of Monday"></td><input name="bare" aria-label="Bare">
</form>"""


@pytest.mark.parametrize(("field", "told"), [
    ("f-title", '<a href="#f-title"><strong>Title</strong>: wrong</a>'),
    ("f-lines-2-quantity", '<a href="#f-lines-2-quantity"><strong>Line 3 · Quantity</strong>: wrong</a>'),
    ("f-lines-2-grade_id", '<a href="#f-lines-2-quantity"><strong>Line 3</strong>: wrong</a>'),
    ("f-lines", '<a href="#f-lines"><strong>Lines &amp; days</strong>: wrong</a>'),
    ("f-reason", '<a href="#r-2"><strong>Reason</strong>: wrong</a>'),
    ("f-rhythm", '<a href="#f-rhythm-a"><strong>How often</strong>: wrong</a>'),
    ("f-kinds-1", '<a href="#k-1"><strong>Papers</strong>: wrong</a>'),
    ("f-whole", '<a href="#f-whole"><strong>Terms · All</strong>: wrong</a>'),
    ("f-lots", '<a href="#f-lots-0-day">wrong</a>'),
    ("f-heads", '<a href="#f-heads"><strong>Heads of Monday</strong>: wrong</a>'),
    ("f-bare", "<strong>Bare</strong>: wrong"), ("f-elsewhere", "wrong"), ("f", "wrong"),
])  # fmt: skip
def test_a_mistake_names_its_field_and_leads_to_it(field: str, told: str) -> None:
    page = f'<li><a class="mistake" href="#{field}">wrong</a></li>{PAGE}'
    assert named(page, "/here").partition("</li>")[0] == f"<li>{told}"
