"""A first mapping from what the columns are called and what they hold: every guess says why, and what is not certain is asked.

looks.py       what a column holds: a sample of its values, judged once
names.py       what the name of a column says
visits.py      which visit a name or an event means, and its day
dates.py       how dates are written; day-first or month-first is proved or asked
codes.py       what codes mean; sentinels
scores.py      scores and items of questionnaires, in columns or in rows; scales.py the scales of rows that name their score
boxes.py       boxes of yes and no: of which list they are; box_rules.py their rules
headings.py    no value of a patient comes in as a heading
identities.py  why a column is left out
columns.py     what each column fills; fields.py how a field is filled from its column
composed.py    ids that repeat between sites
forms.py       the forms of a REDCap project; events.py whether its events are episodes
tables.py      the rules of one table
chosen.py      a field that somebody says is in a column
draft.py       the whole mapping; months.py what helps to say which month is the last
"""

from synapse_analytics.intake.draft.chosen import answered, columns_for
from synapse_analytics.intake.draft.draft import draft_mapping
from synapse_analytics.intake.draft.months import note_on_months

__all__ = ["answered", "columns_for", "draft_mapping", "note_on_months"]
