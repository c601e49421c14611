"""What is timed: the answers each page asks for when it opens, and six cohorts to ask them of."""

from __future__ import annotations

PAGES: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "overview": (("overview", {}), ("indicators", {"theme": "overview"}), ("control_chart", {})),
    "diagnoses": (
        ("diagnosis_mix", {}),
        ("diagnosis_mix", {"by": "year"}),
        ("symptoms", {"by": "diagnosis"}),
        ("investigations", {"by": "diagnosis"}),
        ("co_diagnoses", {}),
        ("baseline_table", {"by": "diagnosis"}),
    ),
    "pathways": (
        ("cascade", {}),
        ("pathways", {}),
        ("step_times", {}),
        ("time_to_escalation", {"by": "diagnosis"}),
        ("stepped_care", {}),
    ),
    "outcomes": (
        ("score_over_time", {"by": "diagnosis"}),
        ("responders", {"by": "diagnosis"}),
        ("change_distribution", {}),
        ("completeness", {}),
    ),
    "compare treatments": (("compare_treatments", {"a": "discectomy", "b": "physical_therapy"}),),
    "patients like mine": (("patients_like_mine", {}),),
    "variation": (("control_chart", {}), ("funnel", {})),
    "export": (("attrition", {}),),
    "data": (("generation_summary", {}), ("data_quality", {}), ("completeness", {"by": "site"})),
}
COHORTS = {
    "everyone": "",
    "one diagnosis": "diagnosis=spinal_stenosis",
    "older women": "sex=female&age_band=65-90",
    "operated": "highest_stage=surgery",
    "one site, two years": "site=S01&month_from=2023-01&month_to=2024-12",
    "severe pain, smokers": "pain_band=7-10&smoker=yes",
}
SLOW_QUESTION = ("pathways", {"gap_collapse": "60", "combination_overlap": "7"})
